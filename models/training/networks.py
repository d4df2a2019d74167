"""The two shipped classifiers: small convolutional networks, (n, 1, 28, 28) normalised pixels to (n, 10) logits.

They are smooth on purpose, SiLU instead of ReLU and averages instead of maxima: where a network has kinks, differences and
automatic differentiation answer differently (docs/decisions/0003-smooth-models.md).
"""
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class SiluFunction(torch.autograd.Function):
    """x·sigmoid(x) with its derivative by hand: in bfloat16 a third faster than autograd's own."""

    @staticmethod
    def forward(context, x):
        sigmoid = torch.sigmoid(x)
        y = x * sigmoid
        context.save_for_backward(sigmoid, y)
        return y

    @staticmethod
    def backward(context, gradient):
        sigmoid, y = context.saved_tensors
        return gradient * (sigmoid + y * (1 - sigmoid))


class Silu(nn.Module):
    """Elfwing, Uchibe, Doya 2018."""

    def forward(self, x):
        return SiluFunction.apply(x) if self.training else x * torch.sigmoid(x)


def conv(inputs, outputs, stride=1):
    """3x3 convolution, batch normalisation, SiLU. The exporter folds the normalisation into the convolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        Silu(),
    )


class Residual(nn.Module):
    """Two 3x3 convolutions with a skip connection (He et al. 2015)."""

    def __init__(self, channels):
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )
        self.activation = Silu()

    def forward(self, x):
        return self.activation(x + self.second(self.first(x)))


def folded(network):
    """The same function with every batch normalisation folded into the convolution before it."""
    network.eval()
    for name, module in list(network.named_children()):
        if isinstance(module, nn.Sequential) and len(module) > 1 and isinstance(module[1], nn.BatchNorm2d):
            setattr(network, name, nn.Sequential(fuse_conv_bn_eval(module[0], module[1]), *module[2:]))
        else:
            folded(module)
    return network


def fashion_mnist():
    """Ten layers with weights, 0.30 M parameters, 29 M multiply-adds."""
    return nn.Sequential(
        conv(1, 24),
        conv(24, 48, stride=2),
        Residual(48),
        Residual(48),
        conv(48, 96, stride=2),
        Residual(96),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(96, 10),
    )


def mnist():
    """Six layers with weights, 0.07 M parameters, 5.5 M multiply-adds."""
    return nn.Sequential(
        conv(1, 16),
        conv(16, 32, stride=2),
        conv(32, 32),
        conv(32, 64, stride=2),
        conv(64, 64),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
