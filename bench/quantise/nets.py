"""Small convolutional networks as PyTorch modules that can say what they are: a list of layers with folded weights."""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F


def same(size, kernel, stride):
    """TensorFlow's SAME: the odd cell goes to the bottom or right."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


class Conv(nn.Module):
    """Convolution (depthwise where groups == channels), batch normalisation, optional relu; borders as TensorFlow's SAME."""

    def __init__(self, cin, cout, kernel, stride=1, groups=1, relu=True, bn=True):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, groups=groups, bias=not bn)
        self.bn = nn.BatchNorm2d(cout) if bn else None
        self.kernel, self.stride, self.groups, self.relu = kernel, stride, groups, relu

    def forward(self, x):
        (t, b), (l, r) = (same(n, self.kernel, self.stride) for n in x.shape[2:])
        x = self.conv(F.pad(x, (l, r, t, b)))
        x = self.bn(x) if self.bn is not None else x
        return F.relu(x) if self.relu else x

    def folded(self):
        w, b = self.conv.weight.detach(), self.conv.bias
        if self.bn is None:
            return w.numpy(), b.detach().numpy()
        k = self.bn.weight / torch.sqrt(self.bn.running_var + self.bn.eps)
        return (w * k[:, None, None, None]).detach().numpy(), (self.bn.bias - self.bn.running_mean * k).detach().numpy()

    def write(self, spec, x, factor=1.0):
        """factor: what the inputs were divided by while training."""
        w, b = self.folded()
        depthwise = self.groups > 1
        # PyTorch (out, in, h, w); ours (out, h, w, in), depthwise (1, h, w, out).
        w = (w.transpose(1, 2, 3, 0) if depthwise else w.transpose(0, 2, 3, 1)) * factor
        return spec.add("depthwise_conv_2d" if depthwise else "conv_2d", [x], [w, b], stride=self.stride, kernel=self.kernel,
                        activation="relu" if self.relu else "none")


class Spec:
    """Layers in order; weights as float32 lists in the layouts of our operators."""

    def __init__(self, name, shape, source):
        self.doc = {"name": name, "source": source, "input": [1, *shape], "layers": []}

    def add(self, op, inputs, weights=(), **attrs):
        k = len(self.doc["layers"])
        self.doc["layers"].append({"op": op, "inputs": inputs, "attrs": attrs,
                                   "weights": [{"shape": list(w.shape), "data": [float(v) for v in np.float32(w).ravel()]} for w in weights]})
        return k


def dense(spec, x, layer, channels=None, hw=None, activation="none"):
    """channels, hw: the features come from an image, which PyTorch flattens channels first and we channels last."""
    w = layer.weight.detach().numpy()
    if channels is not None:
        w = w.reshape(len(w), channels, *hw).transpose(0, 2, 3, 1).reshape(len(w), -1)
    return spec.add("fully_connected", [x], [w, layer.bias.detach().numpy()], activation=activation)


class Digits14(nn.Module):
    """14 x 14 grey: fits an Arduino Uno."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = Conv(1, 4, 3, 2), Conv(4, 8, 3, 2), nn.Linear(128, 10)

    def forward(self, x):
        return self.c(self.b(self.a(x)).flatten(1))

    def spec(self, name, source):
        s = Spec(name, (14, 14, 1), source)
        x = self.b.write(s, self.a.write(s, -1, 1 / 255))
        s.add("softmax", [dense(s, x, self.c, 8, (4, 4))])
        return s.doc


class MnistCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = Conv(1, 8, 3), Conv(8, 16, 3), Conv(16, 32, 3), nn.Linear(7 * 7 * 32, 10)

    def forward(self, x):
        x = F.max_pool2d(self.a(x), 2)
        x = F.max_pool2d(self.b(x), 2)
        return self.d(self.c(x).flatten(1))

    def spec(self, name, source):
        s = Spec(name, (28, 28, 1), source)
        x = s.add("max_pool_2d", [self.a.write(s, -1, 1 / 255)], kernel=2, stride=2)
        x = s.add("max_pool_2d", [self.b.write(s, x)], kernel=2, stride=2)
        s.add("softmax", [dense(s, self.c.write(s, x), self.d, 32, (7, 7))])
        return s.doc


class DsCnn(nn.Module):
    """Depthwise separable: channels of very different ranges, which is what equalisation is for."""

    def __init__(self):
        super().__init__()
        plan = [(24, 32, 1), (32, 48, 2), (48, 48, 1), (48, 64, 2), (64, 64, 1)]
        self.first = Conv(3, 24, 3)
        self.blocks = nn.ModuleList([nn.Sequential(Conv(i, i, 3, s, groups=i), Conv(i, o, 1)) for i, o, s in plan])
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = self.first(x)
        for b in self.blocks:
            x = b(x)
        return self.out(x.mean((2, 3)))

    def spec(self, name, source):
        s = Spec(name, (32, 32, 3), source)
        x = self.first.write(s, -1)
        for b in self.blocks:
            x = b[1].write(s, b[0].write(s, x))
        x = s.add("average_pool_2d", [x], kernel=8, stride=8)
        s.add("softmax", [dense(s, x, self.out)])
        return s.doc
