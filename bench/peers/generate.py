"""Asks each peer for its C or C++ of one trained model, and adds the few shims that the peer needs on a bare AVR.

Shims granted: `<cstdarg>` for micromlgen, `micros()`, `String` and `F()` for everywhereml, argmax and one-versus-one
vote wrappers for m2cgen, the renamed attribute `sigma_` for micromlgen's GaussianNB (variant `mml-patch`).
"""

from __future__ import annotations

import copy
import importlib
import re
import signal
import sys
import warnings
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

TREES = ("dt", "rf", "et")
SVMS = ("svcl", "svcr", "svcp")
# Peer variants by model, as offered; what does not generate is reported as such.
VARIANTS: dict[str, tuple[str, ...]] = {
    **{m: ("mml", "m2c", "em-i16", "em-i16s", "em-f32", "em-soft8", "em-load", "eml") for m in ("dt", "rf")},
    "et": ("mml", "m2c", "em-i16", "em-i16s", "em-f32", "em-soft8", "em-load"),
    "gb": ("mml", "m2c"), "lda": ("mml", "m2c"),
    "xgb": ("mml", "m2c", "eml"), "lgbm": ("mml", "m2c"),
    "lr": ("mml", "mml-tiny", "m2c"), "lsvc": ("mml", "m2c"),
    **{m: ("mml", "mml-tiny", "m2c") for m in SVMS},
    "gnb": ("mml-patch", "m2c", "em-load"),
    "mlp": ("mml", "m2c", "em-load", "em-f32"), "knn": ("mml", "m2c", "em-load"),
}
PEERS = {"mml": "micromlgen", "m2c": "m2cgen", "em": "emlearn", "eml": "everywhereml"}
# emlearn's k-nearest-neighbours takes int16 features: standardised inputs times this.
NEIGHBOURS_SCALE = 100
GENERATE_SECONDS = 90


@dataclass(frozen=True)
class Source:
    """What is compiled: the peer's code with shims, and the body of `answer(x)`."""

    code: str
    body: str
    language: str  # "c" or "c++"
    input_type: str  # "float" or "int16_t"
    scale: tuple[float, ...] = (1.0,)  # per feature; the inputs are multiplied by it before they are rounded


@dataclass(frozen=True)
class Task:
    """One model for one peer variant."""

    data: str
    model: str
    variant: str
    estimator: Any
    features: int
    classes: int
    train: np.ndarray
    labels: np.ndarray


def micromlgen_source(task: Task) -> Source:
    """C++ class with float votes; `mml-tiny` takes the templates for ATtiny."""
    from micromlgen import port

    model = task.estimator
    if task.variant == "mml-patch":
        model = copy.copy(model)
        model.sigma_ = model.var_
    code = port(model, platform="attiny" if task.variant == "mml-tiny" else "arduino", classname="Model")
    head = "#include <math.h>\n#include <stdlib.h>\n#include <stdarg.h>\n"
    return Source(
        head + code.replace("#include <cstdarg>", "").replace("#pragma once", "") + "\nEloquent::ML::Port::Model model;\n",
        "return model.predict(x);", "c++", "float",
    )


def argmax_body(count: int) -> str:
    """Index of the greatest of the outputs of m2cgen's score()."""
    return (f"double out[{count}]; score(x, out); int best = 0;\n"
            f"    for (int i = 1; i < {count}; i++) if (out[i] > out[best]) best = i;\n    return best;")


def votes_body(classes: int) -> str:
    """Class with the most one-versus-one votes, from the decisions of m2cgen's score()."""
    pairs = classes * (classes - 1) // 2
    return (f"double out[{pairs}]; uint8_t votes[{classes}] = {{0}}; uint8_t k = 0; int best = 0; score(x, out);\n"
            f"    for (uint8_t i = 0; i < {classes}; i++) for (uint8_t j = i + 1; j < {classes}; j++)\n"
            f"        votes[out[k++] > 0 ? i : j]++;\n"
            f"    for (int i = 1; i < {classes}; i++) if (votes[i] > votes[best]) best = i;\n    return best;")


def m2cgen_source(task: Task) -> Source:
    """C function score() in double; the answer is made by a shim."""
    import m2cgen

    code = m2cgen.export_to_c(task.estimator)
    if re.search(r"double score\(", code):
        body = "return score(x) > 0;"
    elif task.model in SVMS:
        body = votes_body(task.classes)
    else:
        body = argmax_body(task.classes)
    return Source(code, body, "c", "float")


def int16_scale(task: Task) -> np.ndarray:
    """Scale per feature, which emlearn leaves to its user: 1 where all values are integers, else (and in the variant
    `em-i16s` always) the greatest power of ten that keeps the training values in int16."""
    whole = np.array_equal(task.train, np.rint(task.train))
    if whole and task.variant != "em-i16s":
        return np.ones(task.features)
    greatest = np.maximum(np.abs(task.train).max(axis=0), 1e-9)
    return np.minimum(10.0 ** np.floor(np.log10(32767 / greatest)), 1e6)


def emlearn_trees(task: Task) -> Source:
    """Inline or table form; int16 forms get thresholds at the scale of the inputs."""
    import emlearn

    dtype = "float" if task.variant == "em-f32" else "int16_t"
    method = "loadable" if task.variant == "em-load" else "inline"
    bits = {"leaf_bits": 8} if task.variant == "em-soft8" else {}
    wrapper = emlearn.convert(task.estimator, method=method, dtype=dtype, **bits)
    scale = int16_scale(task) if dtype == "int16_t" else np.ones(task.features)
    for node in wrapper.forest_[0]:
        node[1] = node[1] * scale[node[0]]
    code = wrapper.save(name="model", include_proba=method == "loadable")
    return Source(code, f"return model_predict(x, {task.features});", "c", dtype, tuple(map(float, scale)))


def emlearn_neighbours(task: Task) -> Source:
    """Table of int16 rows; distances are sorted in RAM."""
    import emlearn

    model = copy.copy(task.estimator)
    model._fit_X = np.rint(np.asarray(model._fit_X) * NEIGHBOURS_SCALE).astype(int)
    code = emlearn.convert(model).save(name="model")
    rows = len(model._fit_X)
    body = (f"static EmlNeighborsDistanceItem distances[{rows}]; int16_t out = -1;\n"
            f"    eml_neighbors_predict(&model, x, {task.features}, distances, {rows}, &out);\n    return out;")
    return Source(code, body, "c", "int16_t", (float(NEIGHBOURS_SCALE),))


def emlearn_source(task: Task) -> Source:
    """emlearn by kind of model; `em-f32` of an MLP is its inline form."""
    import emlearn

    if task.model in TREES:
        return emlearn_trees(task)
    if task.model == "knn":
        return emlearn_neighbours(task)
    if task.model == "mlp" and task.variant == "em-f32":
        wrapper = emlearn.convert(task.estimator, method="inline")
        return Source(wrapper.save(name="model", inference=["inline"]),
                      f"return model_predict(x, {task.features});", "c", "float")
    code = emlearn.convert(task.estimator).save(name="model")
    return Source(code, f"return model_predict(x, {task.features});", "c", "float")


EVERYWHEREML_SHIMS = """#include <stddef.h>
#include <stdint.h>
#define F(text) text
struct String { const char *text; String(const char *t) : text(t) {} };
static inline unsigned long micros(void) { return 0; }
"""


def everywhereml_source(task: Task) -> Source:
    """everywhereml trains its own subclass of the same estimator, with the same seed and data."""
    name = type(task.estimator).__name__
    package = {"dt": "sklearn.tree", "rf": "sklearn.ensemble", "xgb": "xgboost"}[task.model]
    kind = getattr(importlib.import_module(f"everywhereml.{package}"), name)
    given = task.estimator.get_params() if task.model != "xgb" else {"n_estimators": 10, "max_depth": 3, "random_state": 7}
    model = kind(**given).fit(task.train, task.labels)
    code = re.sub(r"UUID\d+", "UUID", model.to_arduino(class_name="Model", instance_name="model"))
    return Source(EVERYWHEREML_SHIMS + code, "return model.predict(x);", "c++", "float")


GENERATORS: dict[str, Callable[[Task], Source]] = {
    "mml": micromlgen_source, "m2c": m2cgen_source, "em": emlearn_source, "eml": everywhereml_source,
}


def peer_of(variant: str) -> str:
    """The package behind a variant: `em-i16` is emlearn."""
    return PEERS[variant.split("-")[0]]


def generate(task: Task) -> Source:
    """The peer's code; raises what the peer raises, or TimeoutError after GENERATE_SECONDS."""
    def too_long(*_: Any) -> None:
        raise TimeoutError(f"no code after {GENERATE_SECONDS} s")

    warnings.filterwarnings("ignore")
    sys.setrecursionlimit(100_000)
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(GENERATE_SECONDS)
    try:
        return GENERATORS[task.variant.split("-")[0]](task)
    finally:
        signal.alarm(0)
