"""Builds a program around a peer's code, and measures it: flash and RAM from the ELF, stack and cycles from simavr.

All figures are net of a program with the same input buffer and no model, stack excepted (whole program, by painting).
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from generate import Source

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
CACHE = OUT / "cache"
FLAGS = ["-Os", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
CYCLE_BUDGET = 15_000_000
COMPILE_SECONDS = 90
SIMULATE_SECONDS = 120


@dataclass(frozen=True)
class Chip:
    """What a program must fit in, in bytes."""

    name: str
    flash: int
    ram: int


CHIPS = (Chip("attiny85", 8192, 512), Chip("atmega328p", 32768, 2048))

MAIN = """#include <avr/io.h>
#include <stdint.h>
{code}
{type} x[{features}];
static inline uint8_t answer({type} *x) {{
    {body}
}}
int main(void) {{
    for (;;) {{
        GPIOR0 = 1;
        __asm__ volatile("" ::: "memory");
        GPIOR1 = answer(x);
        __asm__ volatile("" ::: "memory");
        GPIOR0 = 2;
    }}
}}
"""
EMPTY_BODY = "return *(uint8_t *)x;"


def run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """One program, with a time limit, output captured."""
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds)


def hashed(*parts: object) -> str:
    """Content hash of the parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def cached(key: str) -> Any | None:
    """The stored result, or None."""
    path = CACHE / f"{key}.json"
    return json.loads(path.read_text()) if path.exists() else None


def store(key: str, value: Any) -> Any:
    """Keeps a result under its content hash, and returns it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / f"{key}.json").write_text(json.dumps(value))
    return value


@functools.cache
def tool_versions() -> str:
    """Part of every cache key: the tools that make the figures."""
    texts = [run([tool, "--version"], 20).stdout.splitlines()[0] for tool in ("avr-gcc", "avr-ld")]
    return hashed(*texts, (HERE / "runner.c").read_text(), MAIN, FLAGS)


@functools.cache
def runner() -> Path:
    """The simulator program, built when its source is newer."""
    binary = OUT / "runner"
    source = HERE / "runner.c"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        OUT.mkdir(exist_ok=True)
        subprocess.run(["gcc", "-O2", "-o", str(binary), str(source), "-lsimavr", "-lelf"], check=True)
    return binary


def include_folders() -> list[str]:
    """Headers that generated code asks for: emlearn's."""
    import emlearn

    return ["-I", str(Path(emlearn.__file__).parent)]


def link(source: Source, features: int, chip: Chip, folder: Path) -> tuple[Path | None, str]:
    """The ELF, or why there is none. Region lengths are lifted, so that the size of what does not fit is known."""
    suffix, compiler, std = ("c", "avr-gcc", "gnu11") if source.language == "c" else ("cpp", "avr-g++", "gnu++11")
    text = folder / f"main.{suffix}"
    text.write_text(MAIN.format(code=source.code, type=source.input_type, features=features, body=source.body))
    elf = folder / "main.elf"
    command = [compiler, f"-mmcu={chip.name}", *FLAGS, f"-std={std}", *include_folders(), str(text), "-o", str(elf),
               "-Wl,--defsym=__TEXT_REGION_LENGTH__=0x7fffff", "-Wl,--noinhibit-exec", "-w", "-lm"]
    try:
        result = run(command, COMPILE_SECONDS)
    except subprocess.TimeoutExpired:
        return None, f"compile > {COMPILE_SECONDS} s"
    if not elf.exists():
        errors = [line for line in result.stderr.splitlines() if "error" in line.lower()] or [result.stderr]
        return None, "compile error: " + errors[0].split("error:")[-1].strip()[:120]
    return elf, result.stderr


def sizes(elf: Path) -> tuple[int, int]:
    """Flash (text + data) and static RAM (data + bss + noinit) of the program."""
    section = {}
    for line in run(["avr-size", "-A", str(elf)], 20).stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[0].startswith("."):
            section[words[0]] = int(words[1])
    get = lambda name: section.get(name, 0)
    return get(".text") + get(".data"), get(".data") + get(".bss") + get(".noinit")


def symbol(elf: Path, name: str) -> int:
    """Address of a symbol in data space."""
    for line in run(["avr-nm", str(elf)], 20).stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == name:
            return int(words[0], 16) & 0xFFFF
    raise KeyError(name)


@functools.cache
def baseline(chip: Chip, input_type: str, features: int) -> tuple[int, int]:
    """Flash and RAM of the program without a model."""
    with tempfile.TemporaryDirectory() as folder:
        elf, why = link(Source("", EMPTY_BODY, "c", input_type), features, chip, Path(folder))
        assert elf, why
        return sizes(elf)


def device_rows(source: Source, rows: np.ndarray) -> np.ndarray:
    """The test rows as the program's buffer holds them."""
    if source.input_type == "float":
        return rows.astype("<f4")
    return np.clip(np.rint(rows.astype(float) * np.array(source.scale)), -32768, 32767).astype("<i2")


def simulate(elf: Path, chip: Chip, rows: np.ndarray, folder: Path) -> dict[str, Any]:
    """The runner's report."""
    (folder / "rows.bin").write_bytes(rows.tobytes())
    command = [str(runner()), str(elf), chip.name, str(symbol(elf, "x")), str(symbol(elf, "_end")),
               str(folder / "rows.bin"), str(len(rows)), str(rows.itemsize * rows.shape[1]), str(CYCLE_BUDGET)]
    try:
        return json.loads(run(command, SIMULATE_SECONDS).stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, json.JSONDecodeError) as error:
        return {"error": type(error).__name__}


def overflow(chip: Chip, flash: int, ram: int) -> list[str]:
    """Which memories the program itself (without stack) overflows."""
    return [name for name, used, have in (("flash", flash, chip.flash), ("RAM", ram, chip.ram)) if used > have]


def behaviour(report: dict[str, Any], expected: np.ndarray) -> dict[str, Any]:
    """Stack, cycles and agreement out of the runner's report; `why` where the program did not run to its end."""
    if report.get("error"):
        return {"why": f"simulator: {report['error']}"}
    if report["stack"] >= report["free"]:
        return {"why": "no fit (stack)"}
    if not report["finished"]:
        return {"why": "crash", "stack": report["stack"]}
    count = report["rows"]
    equal = float(np.mean(np.array(report["answers"]) == expected[:count]))
    return {"stack": report["stack"], "cyclesMean": report["mean"], "cyclesMax": report["max"],
            "agreement": equal, "rows": count, "why": ""}


def measure_fresh(source: Source, chip: Chip, rows: np.ndarray, expected: np.ndarray) -> dict[str, Any]:
    """Builds and runs, without the cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        elf, why = link(source, rows.shape[1], chip, folder)
        if elf is None:
            return {"fits": False, "why": why}
        flash, ram = sizes(elf)
        base_flash, base_ram = baseline(chip, source.input_type, rows.shape[1])
        net = {"flash": flash - base_flash, "ram": ram - base_ram}
        over = overflow(chip, flash, ram)
        if over:
            return {**net, "fits": False, "why": f"no fit ({'+'.join(over)})"}
        found = behaviour(simulate(elf, chip, device_rows(source, rows), folder), expected)
        return {**net, **found, "fits": not found["why"]}


def measure(source: Source, chip: Chip, rows: np.ndarray, expected: np.ndarray) -> dict[str, Any]:
    """One row of figures, from the cache where the same content was measured before."""
    key = hashed("measure", tool_versions(), json.dumps(asdict(source)), chip, CYCLE_BUDGET, rows.tobytes().hex(),
                 expected.tolist())
    return cached(key) or store(key, measure_fresh(source, chip, rows, expected))


def tools_missing() -> list[str]:
    """Programs that the bench needs and this machine lacks."""
    return [tool for tool in ("avr-gcc", "avr-g++", "avr-size", "avr-nm", "gcc") if shutil.which(tool) is None]
