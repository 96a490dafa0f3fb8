"""Compares `out/peers.json` with the table measured earlier (`reference/peers.md` of the shared folder), row by row.

It shows that the method reproduces: sizes within a few bytes, cycles within a few per cent. Where the shared folder
is not present there is nothing to compare, and the program says so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import OUT, shared_folder

CHIPS = ("attiny85", "atmega328p")
BYTES_APART = 8
CYCLES_APART = 0.02


@dataclass(frozen=True)
class Figures:
    """One cell of the table; what it does not give is None."""

    flash: int | None = None
    ram: int | None = None
    stack: int | None = None
    mean: float | None = None
    most: int | None = None
    why: str = ""
    agreement: float | None = None


def parse_cell(cell: str, agreement: float | None) -> Figures:
    """`396 / 0 / 38 / 406-414`, `no fit (flash) 25196 / 1`, `crash 6040 / 144 / 192`; the 1284P is left out."""
    cell = cell.split(";")[0].strip()
    reason = re.match(r"(no fit \([^)]*\)|crash|compile timeout)\s*", cell)
    why = reason.group(1) if reason else ""
    parts = [p.strip() for p in cell[len(reason.group(0)) if reason else 0:].split("/")]
    numbers = [int(p) for p in parts[:3] if p.isdigit()]
    flash, ram, stack = (numbers + [None] * 3)[:3]
    cycles = re.match(r"(\d+)-(\d+)$", parts[3]) if len(parts) > 3 else None
    mean, most = (float(cycles.group(1)), int(cycles.group(2))) if cycles else (None, None)
    return Figures(flash, ram, stack, mean, most, why, agreement if mean is not None else None)


def parse_agreement(cell: str) -> tuple[float | None, float | None]:
    """`100`, or `90.9 ; 89.3` for the two chips."""
    numbers = [float(n) / 100 for n in re.findall(r"[\d.]+", cell)]
    first = numbers[0] if numbers else None
    return first, numbers[1] if len(numbers) > 1 else first


def parse_table(text: str) -> dict[tuple[str, str, str, str], Figures]:
    """The section `AVR peers` by (data, model, variant, chip)."""
    section = text.split("## AVR peers", 1)[1].split("\n## ", 1)[0]
    table = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = cells[0].split()
        if not line.startswith("|") or len(name) != 2 or len(cells) < 5:
            continue
        for chip, cell, agree in zip(CHIPS, cells[2:4], parse_agreement(cells[4])):
            table[(name[1], name[0], cells[1], chip)] = parse_cell(cell, agree)
    return table


def deviations(then: Figures, now: dict[str, Any]) -> list[str]:
    """What differs by more than the limits, in words."""
    found = []
    if then.why != now["why"]:
        found.append(f"{then.why or 'ran'} -> {now['why'] or 'ran'}")
    for name, old, new in (("flash", then.flash, now["flash"]), ("RAM", then.ram, now["ram"]),
                           ("stack", then.stack, now["stack"])):
        if old is not None and new is not None and abs(old - new) > BYTES_APART:
            found.append(f"{name} {old} -> {new}")
    for name, old, new in (("mean", then.mean, now["cyclesMean"]), ("max", then.most, now["cyclesMax"])):
        if old is not None and new is not None and abs(new - old) > CYCLES_APART * old:
            found.append(f"cycles {name} {old:.0f} -> {new:.0f}")
    if then.agreement is not None and now["agreement"] is not None and abs(then.agreement - now["agreement"]) > 0.002:
        found.append(f"agreement {100 * then.agreement:.1f} -> {100 * now['agreement']:.1f} %")
    return found


def is_equal(then: Figures, now: dict[str, Any]) -> bool:
    """Sizes equal to the byte and cycles as printed."""
    sizes = all(old is None or old == new for old, new in
                ((then.flash, now["flash"]), (then.ram, now["ram"]), (then.stack, now["stack"])))
    cycles = then.mean is None or (now["cyclesMean"] is not None and abs(now["cyclesMean"] - then.mean) <= 0.51
                                   and now["cyclesMax"] == then.most)
    return sizes and cycles and then.why == now["why"]


def compare(table: dict[tuple[str, str, str, str], Figures], rows: list[dict[str, Any]]) -> None:
    """Prints the deviations and a count."""
    ours = {(r["data"], r["model"], r["variant"], r["chip"]): r for r in rows}
    equal = near = 0
    for key, then in table.items():
        if key not in ours:
            print(f"not measured: {' '.join(key)}")
            continue
        found = deviations(then, ours[key])
        if found:
            print(f"{' '.join(key):36} {'; '.join(found)}")
        elif is_equal(then, ours[key]):
            equal += 1
        else:
            near += 1
    apart = sum(1 for key in table if key in ours) - equal - near
    print(f"{len(table)} cells in the reference: {equal} equal, {near} within {BYTES_APART} bytes and "
          f"{100 * CYCLES_APART:.0f} % of cycles, {apart} further apart; "
          f"{sum(1 for key in ours if key not in table)} rows of ours are not in it")


def main() -> None:
    shared = shared_folder()
    reference: Path | None = shared / "reference" / "peers.md" if shared else None
    if not reference or not reference.exists():
        print("no reference/peers.md here: nothing to compare")
        return
    compare(parse_table(reference.read_text()), json.loads((OUT / "peers.json").read_text())["rows"])


if __name__ == "__main__":
    main()
