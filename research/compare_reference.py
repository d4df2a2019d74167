"""Holds exact sensitivities against an independent float64 computation by automatic differentiation.

    node research/exact-values.ts models/fashion-mnist <t10k-images> 200 >exact.jsonl
    /usr/bin/python3 research/compare_reference.py research/autograd.py models/fashion-mnist \\
      <t10k-images> exact.jsonl [logits]

The reference is a Python file, run in PyTorch. It offers Graph(path), for a graph whose first output is
logits, and sensitivity(graph, pixels, mean, std, softmax). Nothing of src/ runs in it, and any other file
that offers the same may take its place. With "logits" the Jacobian of the logits is compared instead of that
of the probabilities. Images are an IDX file, gray or with the channels last.

Prints the median, 95th percentile and maximum of |exact/reference - 1|. Exits 1 if the 95th percentile
exceeds 1e-3.
"""
import importlib.util
import json
import pathlib
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models" / "training"))
import datasets  # noqa: E402

reference_path, folder, images_path, values_path, *options = sys.argv[1:]
of_logits = options == ["logits"]
if options and not of_logits:
    sys.exit(f"expected nothing more or 'logits', got {options}")
spec = importlib.util.spec_from_file_location("reference", reference_path)
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)

manifest = json.loads((pathlib.Path(folder) / "model.json").read_text())
rows = [json.loads(line) for line in pathlib.Path(values_path).read_text().splitlines()]
images = datasets.read_idx(images_path)[[row["index"] for row in rows]]
pixels = (images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)) / 255.0
# The manifest's (x·scale - mean)/std takes x from 0 to 255, the reference pixels from 0 to 1.
units = 255.0 * manifest["input"]["scale"]
mean, std = (numpy.array(manifest["input"][field]) / units for field in ("mean", "std"))
graph = reference.Graph(str(pathlib.Path(folder) / "model.onnx"))
truth = numpy.concatenate(
    [
        reference.sensitivity(graph, batch, mean, std, not of_logits)[1]
        for batch in numpy.array_split(pixels, max(1, len(pixels) // 20))
    ]
)
values = numpy.array([row["logitSensitivity" if of_logits else "sensitivity"] for row in rows])
error = numpy.abs(values / truth - 1)
median, high, largest = numpy.percentile(error, [50, 95, 100])
print(
    f"RESULT reference model={manifest['name']} images={len(rows)} "
    f"median={median:.2e} p95={high:.2e} max={largest:.2e}"
)
sys.exit(0 if high <= 1e-3 else 1)
