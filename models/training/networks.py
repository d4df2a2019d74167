"""The two shipped classifiers: small convolutional networks, (n, 1, 28, 28) normalised pixels to (n, 10) logits."""
from torch import nn


def conv(inputs, outputs, stride=1):
    """3x3 convolution, batch normalisation, ReLU. The exporter folds the normalisation into the convolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Residual(nn.Module):
    """Two 3x3 convolutions with a skip connection (He et al. 2015)."""

    def __init__(self, channels):
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.second(self.first(x)))


def fashion_mnist():
    """Seven layers with weights, 0.41 M parameters, 26 M multiply-adds."""
    return nn.Sequential(
        conv(1, 32),
        conv(32, 48, stride=2),
        conv(48, 64),
        nn.MaxPool2d(2),
        conv(64, 128),
        Residual(128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def mnist():
    """Six layers with weights, 0.07 M parameters, 5 M multiply-adds."""
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
