"""Holds exact sensitivities against an independent float64 computation by automatic differentiation in PyTorch.

    node bench/exact-values.ts models/fashion-mnist <t10k-images> 200 >exact.jsonl
    /usr/bin/python3 bench/compare_reference.py <reference_jacobian.py> models/fashion-mnist <t10k-images> exact.jsonl

The reference offers Graph(path) and sensitivity(graph, pixels, mean, std); nothing of this project runs in it. Prints
the median, 95th percentile and maximum of |exact/reference - 1|; exits 1 where the 95th percentile exceeds 1e-3.
"""
import importlib.util
import json
import pathlib
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models" / "training"))
import datasets  # noqa: E402

reference_path, folder, images_path, values_path = sys.argv[1:]
spec = importlib.util.spec_from_file_location("reference", reference_path)
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)

manifest = json.loads((pathlib.Path(folder) / "model.json").read_text())
rows = [json.loads(line) for line in pathlib.Path(values_path).read_text().splitlines()]
pixels = datasets.read_idx(images_path)[[row["index"] for row in rows]][:, None] / 255.0
graph = reference.Graph(str(pathlib.Path(folder) / "model.onnx"))
truth = numpy.concatenate(
    [
        reference.sensitivity(graph, batch, manifest["input"]["mean"], manifest["input"]["std"])[1]
        for batch in numpy.array_split(pixels, max(1, len(pixels) // 20))
    ]
)
error = numpy.abs(numpy.array([row["sensitivity"] for row in rows]) / truth - 1)
median, high, largest = numpy.percentile(error, [50, 95, 100])
print(
    f"RESULT reference model={manifest['name']} images={len(rows)} median={median:.2e} p95={high:.2e} max={largest:.2e}"
)
sys.exit(0 if high <= 1e-3 else 1)
