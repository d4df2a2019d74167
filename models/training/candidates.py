"""Networks that were held against each other for Fashion-MNIST; all smooth, all under 2 MB."""
from torch import nn
from torch.nn import functional

import networks
from networks import Residual, conv


class SmoothMaxPool(nn.Module):
    """log-mean-exp over windows of size x size, sharpness 4 per unit: a maximum without kinks."""

    SHARPNESS = 4.0

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        return functional.avg_pool2d((x.float() * self.SHARPNESS).exp(), self.size).log() / self.SHARPNESS


def smooth_maximum():
    """Two halvings, by a strided convolution and by a smooth maximum; wider at the end."""
    return nn.Sequential(
        conv(1, 32),
        conv(32, 48, stride=2),
        conv(48, 64),
        SmoothMaxPool(2),
        conv(64, 128),
        Residual(128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


FASHION_MNIST = {network.__name__: network for network in (smooth_maximum, networks.fashion_mnist)}
