"""Saves pictures anew by Pillow, in the ways that whole files are saved.

    python research/pillow_files.py <folder to write to> <picture>...

Writes <way>/<number>.<jpg|png|webp>. Needs Pillow of at least 10.2, for restart markers.
"""
import pathlib
import sys

from PIL import Image, ImageCms

folder, *pictures = sys.argv[1:]
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WAYS = {
    **{f"quality {quality}": ("jpg", {"quality": quality}) for quality in (30, 50, 75, 90, 100)},
    **{
        f"quality {quality}, progressive": ("jpg", {"quality": quality, "progressive": True})
        for quality in (30, 75, 100)
    },
    "4:4:4": ("jpg", {"subsampling": 0, "quality": 85}),
    "4:2:2": ("jpg", {"subsampling": 1, "quality": 85}),
    "4:2:0": ("jpg", {"subsampling": 2, "quality": 85}),
    "optimised": ("jpg", {"optimize": True}),
    "a restart marker a row": ("jpg", {"restart_marker_rows": 1}),
    "a restart marker each 3 units": ("jpg", {"restart_marker_blocks": 3, "quality": 40}),
    "restart markers, progressive": ("jpg", {"restart_marker_rows": 1, "progressive": True}),
    "a colour profile": ("jpg", {"icc_profile": srgb}),
    "grey": ("jpg", {"mode": "L"}),
    "CMYK": ("jpg", {"mode": "CMYK"}),
    "PNG": ("png", {}),
    "PNG with a colour profile": ("png", {"icc_profile": srgb, "dpi": (72, 72)}),
    "PNG of a palette": ("png", {"mode": "P", "optimize": True}),
    "WebP": ("webp", {"quality": 60}),
    "lossless WebP": ("webp", {"lossless": True}),
}

for way, (ending, options) in WAYS.items():
    into = pathlib.Path(folder) / way
    into.mkdir(parents=True)
    for number, name in enumerate(pictures):
        with Image.open(name) as picture:
            saved = picture.convert("RGB").convert(options.get("mode", "RGB"))
            rest = {key: value for key, value in options.items() if key != "mode"}
            saved.save(into / f"{number}.{ending}", **rest)
