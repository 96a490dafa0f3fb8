/** The facts of all boards agree with each other, and the list of them is complete. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { boards, findBoard } from "./index.js";
import { findSimulator } from "./simulators/index.js";
import { findToolchain } from "./toolchains/index.js";

for (const board of boards) {
  test(`facts of ${board.name}`, () => {
    assert.match(board.name, /^[a-z][a-z0-9-]*$/);
    findToolchain(board.toolchain);
    findSimulator(board.simulator);
    assert.equal(board.machine !== undefined, board.simulator === "qemu");
    if (board.simulator === "none") assert.match(board.note, /Needed|not run/);
    if (board.memory !== null) {
      assert.equal(board.memory.ramEnd - board.memory.ramStart + 1, board.ramBytes);
      assert.ok(board.flashBytes! <= board.chipFlashBytes!);
      assert.ok(board.clockHz! > 0);
      assert.ok(board.currents.length === 0 || board.currents.some((figure) => figure.mode === "active"));
    }
    for (const figure of board.currents) {
      assert.ok(figure.milliamps > 0 && figure.source !== "" && figure.confidence !== "");
      assert.equal(figure.clockHz !== null, figure.mode === "active");
    }
  });
}

test("names and aliases are unique, and are found in any case", () => {
  const names = boards.flatMap((board) => [board.name, ...board.aliases]);
  assert.equal(new Set(names).size, names.length);
  assert.equal(findBoard("UNO").name, "atmega328p");
  assert.equal(findBoard("attiny85").chip, "attiny85");
});

test("an unknown board names the supported ones", () => {
  const names = boards.map((board) => [board.name, ...board.aliases].join(" = ")).join("; ");
  assert.throws(() => findBoard("z80"), { name: "CoincellError", message: `z80: there is no such board. Supported: ${names}` });
});

test("all.generated.ts is up to date", () => {
  const result = spawnSync(process.execPath, ["--import", "tsx", "scripts/gen-boards.ts", "--check"], { encoding: "utf8" });
  assert.equal(result.status, 0, result.stderr);
});
