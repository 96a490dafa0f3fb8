"""Trains the float networks of docs/quantiser.md: train.py DATA OUT [NAME …]; DATA holds mnist10k/ and cifar10_small/ unpacked.

Each network becomes OUT/<name>.json (layers and weights, read by build.ts) and OUT/<name>-{train,test}.npz (x in the network's
units, y). UCI digits (scikit-learn's load_digits, CC BY 4.0) may be shipped; MNIST and CIFAR-10 only measure.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import nets


def parts(folder):
    return [np.load(f"{folder}/public/{p}_{k}.npy") for p in ("train", "val") for k in ("x", "y")]


def mnist(data):
    a, ay, b, by = parts(f"{data}/mnist10k")
    return a[..., None].astype(np.float32), ay, b[..., None].astype(np.float32), by, 1 / 255


def mnist14(data):
    a, ay, b, by, f = mnist(data)
    half = lambda x: np.rint(x.reshape(-1, 14, 2, 14, 2, 1).mean((2, 4)))
    return half(a), ay, half(b), by, f


def digits14(_data):
    """8 x 8 digits of 0 to 16, drawn to 12 x 12 of 0 to 255 with a border of one cell."""
    from sklearn.datasets import load_digits
    d = load_digits()
    x = F.interpolate(torch.tensor(d.images[:, None], dtype=torch.float32), (12, 12), mode="bilinear", align_corners=False)
    x = F.pad(x, (1, 1, 1, 1)).numpy().transpose(0, 2, 3, 1)
    x = np.rint(np.minimum(x * (255 / 16), 255)).astype(np.float32)
    order = np.random.RandomState(0).permutation(len(x))
    test, train = order[:397], order[397:]
    return x[train], d.target[train], x[test], d.target[test], 1 / 255


def cifar(data):
    a, ay, b, by = parts(f"{data}/cifar10_small")
    real = lambda x: (x.astype(np.float32) - 128) / 128
    return real(a), ay, real(b), by, 1.0


def augmented(x, flip, shift):
    n, _, h, w = x.shape
    x = F.pad(x, (shift,) * 4)
    ys, xs = torch.randint(0, 2 * shift + 1, (n,)), torch.randint(0, 2 * shift + 1, (n,))
    rows = ys[:, None] + torch.arange(h)[None]
    cols = xs[:, None] + torch.arange(w)[None]
    x = x[torch.arange(n)[:, None, None], :, rows[:, :, None], cols[:, None, :]].permute(0, 3, 1, 2)
    if flip:
        mirrored = torch.rand(n) < 0.5
        x[mirrored] = x[mirrored].flip(3)
    return x


NETS = {
    "digits14": (nets.Digits14, digits14, 60, 32, False, 1, "UCI Optical Recognition of Handwritten Digits (CC BY 4.0)"),
    "mnist14": (nets.Digits14, mnist14, 25, 64, False, 1, "MNIST, 6010 images"),
    "mnist": (nets.MnistCnn, mnist, 8, 64, False, 2, "MNIST, 6010 images"),
    "cifar_dscnn": (nets.DsCnn, cifar, 14, 64, True, 3, "CIFAR-10, 6000 images"),
}


def train(name, data, out):
    make, load, epochs, batch, flip, shift, source = NETS[name]
    torch.manual_seed(1)
    ax, ay, bx, by, factor = load(data)
    as_torch = lambda x: torch.tensor(np.ascontiguousarray(x.transpose(0, 3, 1, 2)) * factor, dtype=torch.float32)
    x, y, tx, ty = as_torch(ax), torch.tensor(ay.astype(np.int64)), as_torch(bx), torch.tensor(by.astype(np.int64))
    net = make()
    steps = epochs * (len(x) // batch)
    opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=steps)
    start = time.time()
    for epoch in range(epochs):
        net.train()
        for i in torch.randperm(len(x))[: len(x) // batch * batch].view(-1, batch):
            opt.zero_grad()
            F.cross_entropy(net(augmented(x[i], flip, shift)), y[i]).backward()
            opt.step()
            plan.step()
        if epoch % 5 == 4:
            print(name, epoch + 1, f"{time.time() - start:.0f} s", flush=True)
    net.eval()
    with torch.no_grad():
        right = (net(tx).argmax(1) == ty).float().mean().item()
    print(f"{name}: test {right:.4f}, {sum(p.numel() for p in net.parameters())} parameters", flush=True)
    json.dump(net.spec(name, f"coincell bench/quantise/train.py, trained on {source}"), open(f"{out}/{name}.json", "w"))
    np.savez(f"{out}/{name}-train.npz", x=ax.reshape(len(ax), -1), y=ay.astype(np.int32))
    np.savez(f"{out}/{name}-test.npz", x=bx.reshape(len(bx), -1), y=by.astype(np.int32))


if __name__ == "__main__":
    data, out, *names = sys.argv[1:]
    for name in names or NETS:
        train(name, data, out)
