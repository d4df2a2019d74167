"""A reference for exact sensitivities: an ONNX classifier in PyTorch float64, differentiated by autograd.

Offers what research/compare_reference.py asks for. Knows the operators of the shipped networks, of mnist-8
and of a ResNet-8, and refuses any other.
"""
import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


class Graph:
    """The graph from its input to `output` (its first one unless told otherwise)."""

    def __init__(self, path, output=None):
        graph = onnx.load(path).graph
        self.nodes = graph.node
        self.output = output or graph.output[0].name
        self.constants = {tensor.name: tensor_of(tensor) for tensor in graph.initializer}
        self.input = next(i.name for i in graph.input if i.name not in self.constants)

    def __call__(self, x):
        values = dict(self.constants)
        values[self.input] = x
        for node in self.nodes:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            inputs = [values[name] if name else None for name in node.input]
            values[node.output[0]] = apply(node.op_type, inputs, attributes)
        return values[self.output]


def tensor_of(initializer):
    tensor = torch.from_numpy(numpy.array(numpy_helper.to_array(initializer)))
    return tensor.double() if tensor.is_floating_point() else tensor


def padded(x, kernel, attributes, value):
    """`x` with the padding of a convolution or pooling written out."""
    mode = attributes.get("auto_pad", b"NOTSET")
    if mode in (b"NOTSET", b"VALID"):
        top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    elif mode == b"SAME_UPPER" and attributes.get("dilations", [1, 1]) == [1, 1]:
        sides = []
        for size, length, stride in zip(x.shape[2:], kernel, attributes.get("strides", [1, 1])):
            total = max(0, (-(-size // stride) - 1) * stride + length - size)
            sides.append((total // 2, total - total // 2))
        (top, bottom), (left, right) = sides
    else:
        raise NotImplementedError(f"auto_pad {mode}")
    return F.pad(x, (left, right, top, bottom), value=value)


def apply(kind, inputs, attributes):
    x = inputs[0] if inputs else None
    strides = attributes.get("strides", [1, 1])
    if kind == "Conv":
        weights, bias = inputs[1], inputs[2] if len(inputs) > 2 else None
        x = padded(x, weights.shape[2:], attributes, 0.0)
        dilations, group = attributes.get("dilations", [1, 1]), attributes.get("group", 1)
        return F.conv2d(x, weights, bias, strides, 0, dilations, group)
    if kind == "MaxPool":
        kernel = attributes["kernel_shape"]
        return F.max_pool2d(padded(x, kernel, attributes, -1e300), kernel, strides)
    if kind == "AveragePool" and not any(attributes.get("pads", [0])):
        return F.avg_pool2d(x, attributes["kernel_shape"], strides)
    if kind == "GlobalAveragePool":
        return x.mean((2, 3), keepdim=True)
    if kind == "BatchNormalization":
        scale, shift, mean, variance = (value[None, :, None, None] for value in inputs[1:5])
        return (x - mean) / torch.sqrt(variance + attributes.get("epsilon", 1e-5)) * scale + shift
    if kind == "Gemm" and attributes.get("alpha", 1.0) == attributes.get("beta", 1.0) == 1.0:
        a = x.T if attributes.get("transA") else x
        b = inputs[1].T if attributes.get("transB") else inputs[1]
        return a @ b + (inputs[2] if len(inputs) > 2 else 0)
    if kind == "Reshape":
        shape = [int(size) for size in inputs[1]]
        # A batch fixed at one, or left open, is whatever came in; weights are reshaped as written.
        if shape[0] in (0, 1) or (shape[0] == -1 and len(shape) > 1):
            shape[0] = x.shape[0]
        return x.reshape(shape)
    if kind == "Flatten" and attributes.get("axis", 1) == 1:
        return x.flatten(1)
    if kind == "Constant":
        return tensor_of(attributes["value"])
    if kind == "ReduceMean":
        axes = attributes.get("axes") or [int(axis) for axis in inputs[1]]
        return x.mean(tuple(axes), keepdim=bool(attributes.get("keepdims", 1)))
    if kind == "Softmax":
        return torch.softmax(x, attributes.get("axis", -1))
    if kind == "MatMul":
        return x @ inputs[1]
    if kind == "Add":
        return x + inputs[1]
    if kind == "Mul":
        return x * inputs[1]
    elementwise = {"Relu": torch.relu, "Sigmoid": torch.sigmoid, "Identity": lambda value: value}
    if kind not in elementwise:
        raise NotImplementedError(f"{kind} {attributes}")
    return elementwise[kind](x)


def sensitivity(graph, pixels, mean, std, softmax=True):
    """(p (n, C), the norm of dp/dpixels (n,)), p = softmax of the graph's output.

    Without `softmax` p is the output less its mean over the classes, a constant that softmax ignores. Pixels
    are (n, channels, H, W) in [0, 1].
    """
    x = torch.as_tensor(pixels, dtype=torch.float64).requires_grad_(True)
    mean, std = (torch.as_tensor(value, dtype=torch.float64).reshape(1, -1, 1, 1) for value in (mean, std))
    output = graph((x - mean) / std).flatten(1)
    output = torch.softmax(output, 1) if softmax else output - output.mean(1, keepdim=True)
    squares = torch.zeros(len(x), dtype=torch.float64)
    for c in range(output.shape[1]):
        (gradient,) = torch.autograd.grad(output[:, c].sum(), x, retain_graph=True)
        squares += gradient.flatten(1).pow(2).sum(1)
    return output.detach().numpy(), squares.sqrt().numpy()
