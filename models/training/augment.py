"""Random label-preserving changes of a batch of training images (n, 1, h, w) in [0, 1]."""
import torch
from torch.nn import functional


def shift_flip(images, generator):
    """Shifts by up to 2 pixels and mirrors half of them."""
    n, _, height, width = images.shape
    padded = functional.pad(images, (2, 2, 2, 2))
    top = torch.randint(0, 5, (n,), generator=generator)
    left = torch.randint(0, 5, (n,), generator=generator)
    rows = top[:, None] + torch.arange(height)
    columns = left[:, None] + torch.arange(width)
    mirrored = torch.rand(n, generator=generator) < 0.5
    columns = torch.where(mirrored[:, None], columns.flip(1), columns)
    return padded[torch.arange(n)[:, None, None], 0, rows[:, :, None], columns[:, None, :]][:, None]


def shift_flip_erase(images, generator):
    """`shift_flip`, and fills a random rectangle with noise in a quarter of them (Zhong et al. 2017)."""
    n, _, height, width = images.shape
    shifted = shift_flip(images, generator)[:, 0]

    size = torch.randint(4, 11, (n, 2), generator=generator)
    corner = torch.rand(n, 2, generator=generator)
    begin = (corner * (torch.tensor([height, width]) - size)).long()
    inside_rows = (torch.arange(height) >= begin[:, :1]) & (torch.arange(height) < (begin + size)[:, :1])
    inside_columns = (torch.arange(width) >= begin[:, 1:]) & (torch.arange(width) < (begin + size)[:, 1:])
    erased = torch.rand(n, 1, 1, generator=generator) < 0.25
    patch = inside_rows[:, :, None] & inside_columns[:, None, :] & erased
    noise = torch.rand(n, height, width, generator=generator)
    return torch.where(patch, noise, shifted)[:, None]


def affine(images, generator):
    """Rotates by up to 12 degrees, scales and shears by up to 12%, shifts by up to 2 pixels, bilinear."""
    n = images.shape[0]
    draw = torch.rand(n, 6, generator=generator) * 2 - 1
    angle = draw[:, 0] * (12 * torch.pi / 180)
    scale = 1 + 0.12 * draw[:, 1]
    shear = 0.12 * draw[:, 2]
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    offset = draw[:, 3:5] * (2 * 2 / images.shape[-1])
    matrix = torch.stack(
        [
            torch.stack([cosine, -sine + shear, offset[:, 0]], 1),
            torch.stack([sine, cosine, offset[:, 1]], 1),
        ],
        1,
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)
