"""Trains one shipped classifier and exports it to ONNX.

    /usr/bin/python3 models/training/train.py fashion-mnist --data <folder of IDX files> --out models/fashion-mnist

Needs Debian's python3-torch and python3-onnx. Stochastic gradient descent with a one-cycle schedule and an
exponential moving average of the weights; the schedule is fixed beforehand and the last average is exported. Neither
calibration nor test images are used. The seed fixes data order and weights; arithmetic may differ between machines.
"""
import argparse
import copy
import os
import pathlib
import sys
import time

import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional

import augment
import datasets
import networks

RECIPES = {
    "fashion-mnist": dict(
        network=networks.fashion_mnist,
        augment=augment.shift_flip_erase,
        last_augment=augment.shift_flip,
        epochs=40,
        mean=0.2860,
        std=0.3530,
    ),
    "mnist": dict(
        network=networks.mnist,
        augment=augment.affine,
        last_augment=augment.affine,
        epochs=12,
        mean=0.1307,
        std=0.3081,
    ),
}
LAST_PART = 0.25  # of the epochs use `last_augment`
BATCH = 256
PEAK_RATE = 0.3
WEIGHT_DECAY = 5e-4
AVERAGE_DECAY = 0.996


def to_tensor(images):
    return torch.from_numpy(images.copy()).float().div_(255)[:, None]


def accuracy(network, images, labels, normalise):
    network.eval()
    with torch.no_grad():
        right = sum(
            (network(normalise(x)).argmax(1) == y).sum().item() for x, y in zip(images.split(500), labels.split(500))
        )
    return right / len(labels)


def update_average(average, network, decay):
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), network.state_dict().values()):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def train(recipe, images, labels, parts, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = recipe["network"]().to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    normalise = lambda x: ((x - recipe["mean"]) / recipe["std"]).contiguous(memory_format=torch.channels_last)

    x, y = to_tensor(images[parts["train"]]), torch.from_numpy(labels[parts["train"]].astype("int64"))
    held_x = to_tensor(images[parts["validation"]])
    held_y = torch.from_numpy(labels[parts["validation"]].astype("int64"))

    steps = len(x) // BATCH
    optimizer = torch.optim.SGD(
        network.parameters(), lr=PEAK_RATE, momentum=0.9, nesterov=True, weight_decay=WEIGHT_DECAY
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_RATE, total_steps=steps * recipe["epochs"], pct_start=0.2, final_div_factor=1e3
    )
    started = time.time()
    for epoch in range(recipe["epochs"]):
        network.train()
        change = recipe["last_augment" if epoch >= (1 - LAST_PART) * recipe["epochs"] else "augment"]
        order = torch.randperm(len(x), generator=generator)
        total = 0.0
        for step in range(steps):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            batch = normalise(change(x[chosen], generator))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(batch)
            loss = functional.cross_entropy(logits.float(), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            update_average(average, network, min(AVERAGE_DECAY, (epoch * steps + step) / (epoch * steps + step + 10)))
            total += loss.item()
        elapsed = time.time() - started
        left = elapsed / (epoch + 1) * (recipe["epochs"] - epoch - 1)
        print(
            f"epoch {epoch + 1}/{recipe['epochs']} loss {total / steps:.4f} "
            f"validation {accuracy(average, held_x, held_y, normalise):.4f} elapsed {elapsed:.0f} s left {left:.0f} s",
            flush=True,
        )
    return average


def export(network, path):
    """One file, dynamic batch, input `input`, output `logits`; batch normalisation folded into the convolutions."""
    network.eval()
    torch.onnx.export(
        network.to(memory_format=torch.contiguous_format),
        torch.zeros(2, 1, 28, 28),
        path,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}},
        opset_version=14,
    )
    drop_empty_pads(path)


def drop_empty_pads(path):
    """The exporter writes a Pad of nothing before each average pooling: takes those out."""
    model = onnx.load(path)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    for node in [n for n in model.graph.node if n.op_type == "Pad" and not constants[n.input[1]].any()]:
        for reader in model.graph.node:
            reader.input[:] = [node.input[0] if name == node.output[0] else name for name in reader.input]
        model.graph.node.remove(node)
    read = {name for node in model.graph.node for name in node.input}
    for node in [n for n in model.graph.node if n.op_type == "Constant" and n.output[0] not in read]:
        model.graph.node.remove(node)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    torch.set_num_threads(os.cpu_count() or 1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=sorted(RECIPES))
    parser.add_argument("--data", required=True, help="folder with the IDX files")
    parser.add_argument("--out", required=True, help="folder for model.onnx and splits.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int)
    arguments = parser.parse_args()
    recipe = dict(RECIPES[arguments.model])
    if arguments.epochs:
        recipe["epochs"] = arguments.epochs
    images, labels = datasets.load_training_file(arguments.data)
    parts = datasets.split(len(images))
    print(f"{arguments.model}: {', '.join(f'{len(v)} {k}' for k, v in parts.items())} images", flush=True)
    network = networks.folded(train(recipe, images, labels, parts, arguments.seed))
    out = pathlib.Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    export(network, str(out / "model.onnx"))
    datasets.write_split(out / "splits.json", parts)
    print(f"wrote {out / 'model.onnx'} ({(out / 'model.onnx').stat().st_size} bytes)")


if __name__ == "__main__":
    sys.exit(main())
