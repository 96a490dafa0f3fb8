"""Compares what coincell makes of random networks with a second implementation, byte for byte.

    check.py runtime                      tflite-runtime 2.14.0, reference kernels (Python 3.11, numpy < 2)
    check.py emulator reference_int8.py   the numpy emulator of TensorFlow Lite Micro (ai-edge-litert for its schema)

`run.ts` writes what is read here. Every node is judged by itself: only where all its operands are equal does its result
count. Nodes that the runtime is known to compute otherwise than TensorFlow Lite Micro are counted apart.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

OUT = Path(__file__).parent / "out"
Row = dict[str, np.ndarray]
Reference = Callable[[np.ndarray], Row]


def runtime(net: dict[str, Any]) -> Reference:
    import tflite_runtime
    from tflite_runtime.interpreter import Interpreter, OpResolverType

    assert tflite_runtime.__version__ == "2.14.0", "later versions round FULLY_CONNECTED otherwise"
    runner = Interpreter(str(OUT / f"{net['name']}.tflite"), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    runner.allocate_tensors()
    given = runner.get_input_details()[0]
    made = {t["name"]: t["index"] for t in runner.get_output_details()}
    # A kernel may refuse when it runs only.
    runner.invoke()

    def run(x: np.ndarray) -> Row:
        runner.set_tensor(given["index"], x.reshape(given["shape"]))
        runner.invoke()
        return {name: runner.get_tensor(at).reshape(-1) for name, at in made.items()}

    return run


def emulator(net: dict[str, Any], module: Any) -> Reference:
    file = (OUT / f"{net['name']}.tflite").read_bytes()

    def run(x: np.ndarray) -> Row:
        made = module.run(file, [x.reshape(net["shape"])])
        return {name: np.asarray(y).reshape(-1) for name, y in zip(net["outputs"], made)}

    run(np.zeros(net["shape"], dtype=net["dtype"]))
    return run


class Verdict:
    """Counts over all networks: values and differing ones by operator, and by reason where there is one."""

    def __init__(self) -> None:
        self.values: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.worst: Counter[str] = Counter()
        self.examples: list[str] = []
        self.refused: Counter[str] = Counter()
        self.networks = self.same = 0

    def node(self, value: dict[str, Any], ours: np.ndarray, theirs: np.ndarray, where: str) -> bool:
        key = f"{value['op']} {ours.dtype}"
        gap = np.abs(ours.astype(np.int64) - theirs.astype(np.int64))
        differ = int((gap > 0).sum())
        self.values[key] += gap.size
        if differ == 0:
            return True
        key += f": {value['apart']}" if value["apart"] else ""
        self.wrong[key] += differ
        self.worst[key] = max(self.worst[key], int(gap.max()))
        if not value["apart"]:
            self.examples.append(f"{where} {value['node']} ({key}): {differ} of {gap.size}, at most {gap.max()}")
        return False


def check(net: dict[str, Any], make: Callable[[dict[str, Any]], Reference], v: Verdict) -> None:
    try:
        run = make(net)
    except (RuntimeError, ValueError, NotImplementedError) as e:
        v.refused[(str(e).strip().splitlines() or [repr(e)])[0][:150]] += 1
        return
    v.networks += 1
    blob = (OUT / f"{net['name']}.bin").read_bytes()
    all_same = True
    for row in range(net["rows"]):
        ours = {x["name"]: np.frombuffer(blob, x["dtype"], x["count"], x["offset"] + row * x["bytes"]) for x in net["values"]}
        theirs = run(ours[net["values"][0]["name"]])
        same = {net["values"][0]["name"]: True}
        for value in net["values"][1:]:
            name = value["name"]
            fed = all(same.get(x, True) for x in value["inputs"])
            same[name] = v.node(value, ours[name], theirs[name], f"{net['name']} row {row}") if fed else bool((ours[name] == theirs[name]).all())
        all_same = all_same and all(same.values())
    v.same += all_same


def reference(argv: list[str]) -> Callable[[dict[str, Any]], Reference]:
    if argv[:1] != ["emulator"]:
        return runtime
    spec = importlib.util.spec_from_file_location("reference_int8", argv[1])
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda net: emulator(net, module)


def main(argv: list[str]) -> int:
    v = Verdict()
    make = reference(argv)
    for net in json.loads((OUT / "index.json").read_text()):
        check(net, make, v)
    for key in sorted(v.values):
        print(f"{key:28} {v.values[key]:9} values")
    print("\n".join(v.examples[:40]))
    for why, n in v.refused.items():
        print(f"not run, {n}: {why}")
    for key in sorted(v.wrong):
        print(f"{v.wrong[key]} values differ, by at most {v.worst[key]}: {key}")
    print(f"{v.networks} networks, {v.same} equal in every value; {sum(v.values.values())} values, {sum(v.wrong.values())} differ, {len(v.examples)} nodes without a known reason")
    return 1 if v.examples else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
