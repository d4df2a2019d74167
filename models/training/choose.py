"""Compares candidate networks for Fashion-MNIST on validation images: how the shipped one was chosen.

    /usr/bin/python3 models/training/choose.py --data <folder of IDX files> --epochs 6 [candidate ...]

Every candidate gets the recipe of train.py with fewer epochs. Neither calibration nor test images are used.
"""
import argparse
import os

import torch

import candidates
import datasets
import train


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("candidate", nargs="*", default=sorted(candidates.FASHION_MNIST))
    parser.add_argument("--data", required=True, help="folder with the IDX files")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    images, labels = datasets.load_training_file(arguments.data)
    parts = datasets.split(len(images))
    held_x = train.to_tensor(images[parts["validation"]])
    held_y = torch.from_numpy(labels[parts["validation"]].astype("int64"))
    for name in arguments.candidate:
        recipe = dict(train.RECIPES["fashion-mnist"], network=candidates.FASHION_MNIST[name], epochs=arguments.epochs)
        network = train.train(recipe, images, labels, parts, arguments.seed)
        weights = sum(p.numel() for p in network.parameters())
        normalise = lambda x: (x - recipe["mean"]) / recipe["std"]
        right = train.accuracy(network, held_x, held_y, normalise)
        print(f"CANDIDATE {name} weights {weights} validation {right:.4f}", flush=True)


if __name__ == "__main__":
    main()
