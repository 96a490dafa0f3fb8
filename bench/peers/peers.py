"""Measures every peer on every model of `out/` (see models.py) on two simulated AVR chips; writes `out/peers.json`.

Run: `python peers.py [--data iris] [--models dt,rf] [--variants mml,m2c] [--chips attiny85]`.
A partial run replaces only its own rows. Results are cached by content, so that a second run is quick.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import pickle
import tempfile
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Iterator

import numpy as np

from generate import PEERS, VARIANTS, Source, Task, generate, peer_of
from measure import CHIPS, COMPILE_SECONDS, HERE, OUT, Chip, cached, hashed, measure, store, tools_missing

TOO_LONG = f"compile > {COMPILE_SECONDS} s"
GENERATOR = (HERE / "generate.py").read_text()
WHOLE = ("rgb", "digits")  # data of integers, where em-i16 and em-i16s differ
COLUMNS = ("flash", "ram", "stack", "cyclesMean", "cyclesMax", "agreement", "rows")


def read_csv(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Features (float32) and labels of a CSV with header."""
    table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    return table[:, :-1].astype(np.float32), table[:, -1].astype(int)


def expected_labels(folder: Path) -> np.ndarray:
    """scikit-learn's own answers on the test rows."""
    return np.loadtxt(folder / "pred.csv", skiprows=1, ndmin=1).astype(int)


def source_for(line: dict[str, Any], variant: str) -> Source | str:
    """The peer's code, or the reason why there is none; cached by model, peer version and generator."""
    folder = OUT / line["data"] / line["model"]
    pickled = (folder / "model.pkl").read_bytes()
    key = hashed("generate", pickled.hex(), line["data"], line["model"], variant, version(peer_of(variant)), GENERATOR)
    known = cached(key)
    if known is None:
        known = store(key, generate_fresh(line, variant, folder, pickled))
    return known["why"] if "why" in known else Source(**{**known, "scale": tuple(known["scale"])})


def generate_fresh(line: dict[str, Any], variant: str, folder: Path, pickled: bytes) -> dict[str, Any]:
    """Runs the peer's generator; any error of it is a result."""
    train, labels = read_csv(folder / "train.csv")
    task = Task(line["data"], line["model"], variant, pickle.loads(pickled), line["features"], line["classes"],
                train, labels)
    try:
        with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):  # emlearn leaves ./tmp behind
            return asdict(generate(task))
    except Exception as error:  # whatever a peer raises is its result
        text = " ".join(str(error).split())[:120]
        return {"why": f"no code: {type(error).__name__}" + (f": {text}" if text else "")}


class Patience:
    """Remembers sources that took too long to compile: a longer one of the same variant is not tried again."""

    def __init__(self) -> None:
        self.shortest: dict[str, int] = {}

    def gives_up(self, variant: str, source: Source) -> bool:
        return len(source.code) >= self.shortest.get(variant, 1 << 60)

    def note(self, variant: str, source: Source) -> None:
        self.shortest[variant] = min(len(source.code), self.shortest.get(variant, 1 << 60))


def full_row(line: dict[str, Any], variant: str, chip: Chip, found: dict[str, Any]) -> dict[str, Any]:
    """A row of peers.json; what could not be measured is null."""
    return {
        "data": line["data"], "model": line["model"], "peer": peer_of(variant), "variant": variant, "chip": chip.name,
        **{name: found.get(name) for name in COLUMNS}, "fits": bool(found.get("fits")), "why": found.get("why", ""),
    }


def rows_of(line: dict[str, Any], variant: str, chips: list[Chip], patience: Patience) -> Iterator[dict[str, Any]]:
    """One row per chip."""
    source = source_for(line, variant)
    folder = OUT / line["data"] / line["model"]
    inputs, _ = read_csv(folder / "test_scaled.csv")
    expected = expected_labels(folder)
    for chip in chips:
        if isinstance(source, str):
            found = {"why": source}
        elif patience.gives_up(variant, source):
            found = {"why": f"{TOO_LONG} (a shorter source already took longer)"}
        else:
            found = measure(source, chip, inputs, expected)
            if found["why"] == TOO_LONG:
                patience.note(variant, source)
        yield full_row(line, variant, chip, found)


def show(row: dict[str, Any]) -> None:
    """One line a row on the terminal."""
    size = "/".join(str(row[name]) for name in ("flash", "ram", "stack"))
    cycles = "" if row["cyclesMean"] is None else f"{row['cyclesMean']:.0f}-{row['cyclesMax']}"
    agree = "" if row["agreement"] is None else f"{100 * row['agreement']:.1f}%"
    print(f"{row['data']:7}{row['model']:5}{row['variant']:10}{row['chip']:11}{size:18}{cycles:17}{agree:7}{row['why']}",
          flush=True)


def write(rows: list[dict[str, Any]], path: Path) -> None:
    """Merges into peers.json by identity, so that a partial run keeps the other rows."""
    identity = lambda row: (row["data"], row["model"], row["variant"], row["chip"])
    old = json.loads(path.read_text())["rows"] if path.exists() else []
    merged = {identity(row): row for row in old + rows}
    versions = {name: version(name) for name in (*PEERS.values(), "scikit-learn", "xgboost", "lightgbm")}
    path.write_text(json.dumps({"versions": versions, "rows": list(merged.values())}, indent=1) + "\n")


def wanted(index: list[dict[str, Any]], given: argparse.Namespace) -> list[dict[str, Any]]:
    """The asked models, in the order of the index."""
    picked = lambda text, value: not text or value in text.split(",")
    return [line for line in index if picked(given.data, line["data"]) and picked(given.models, line["model"])]


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "models", "variants", "chips"):
        args.add_argument(f"--{name}", default="", help="comma list; all if not given")
    given = args.parse_args()
    if tools_missing():
        raise SystemExit("missing: " + ", ".join(tools_missing()))
    if not (OUT / "index.json").exists():
        raise SystemExit("no models: run models.py first")
    started = time.time()
    index = json.loads((OUT / "index.json").read_text())["models"]
    chips = [chip for chip in CHIPS if not given.chips or chip.name in given.chips.split(",")]
    patience = Patience()
    count = 0
    for line in wanted(index, given):
        rows = []
        for variant in VARIANTS[line["model"]]:
            skip = variant == "em-i16s" and line["data"] not in WHOLE
            if skip or (given.variants and variant not in given.variants.split(",")):
                continue
            for row in rows_of(line, variant, chips, patience):
                show(row)
                rows.append(row)
        write(rows, OUT / "peers.json")
        count += len(rows)
    print(f"{count} rows in {time.time() - started:.0f} s -> {OUT / 'peers.json'}")


if __name__ == "__main__":
    main()
