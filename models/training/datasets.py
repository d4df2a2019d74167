"""Reads IDX files and divides the training file into train, validation and calibration images by index."""
import gzip
import json
import pathlib
import struct

import numpy

CALIBRATION = 8000
VALIDATION = 5000
SPLIT_SEED = 20261123


def read_idx(path):
    """The array of unsigned bytes in an IDX file, gzipped or not."""
    raw = pathlib.Path(path).read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    zero, kind, rank = struct.unpack(">HBB", raw[:4])
    if zero != 0 or kind != 8:
        raise ValueError(f"{path}: expected an IDX file of unsigned bytes, got magic {raw[:4].hex()}")
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * rank).reshape(shape)


def find(folder, stem):
    for suffix in ("", ".gz"):
        path = pathlib.Path(folder) / (stem + suffix)
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder}: expected {stem} or {stem}.gz")


def load_training_file(folder):
    """(60000, 28, 28) images and (60000,) labels. The test file is never opened here."""
    return read_idx(find(folder, "train-images-idx3-ubyte")), read_idx(find(folder, "train-labels-idx1-ubyte"))


def split(count):
    """Disjoint sorted index lists into the training file. The test split is the whole of the separate test file."""
    order = numpy.random.RandomState(SPLIT_SEED).permutation(count)
    calibration = order[:CALIBRATION]
    validation = order[CALIBRATION : CALIBRATION + VALIDATION]
    train = order[CALIBRATION + VALIDATION :]
    return {
        "train": sorted(map(int, train)),
        "validation": sorted(map(int, validation)),
        "calibration": sorted(map(int, calibration)),
    }


def write_split(path, parts):
    lines = [f'    "{name}": {json.dumps(indices, separators=(",", ":"))}' for name, indices in parts.items()]
    note = (
        "0-based indices into the training file (train-images-idx3-ubyte). "
        "The test split is the whole test file (t10k-images-idx3-ubyte)."
    )
    pathlib.Path(path).write_text(
        '{\n  "note": "' + note + '",\n  "seed": ' + str(SPLIT_SEED) + ',\n  "indices": {\n' + ",\n".join(lines) + "\n  }\n}\n"
    )
