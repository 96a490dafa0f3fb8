/** `tsx scripts/new-board.ts NAME`: makes a board folder that type-checks, to be filled from a data sheet, and lists it. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const template = (name: string): string => `/** Facts of the ${name}; source: name the data sheet and its revision. */

import type { Board } from "../board.js";

export const board: Board = {
  name: "${name}",
  aliases: [],
  title: "${name}",
  chip: "${name}",
  core: "avr25",
  clockHz: 8_000_000,
  flashBytes: 8192,
  chipFlashBytes: 8192,
  ramBytes: 512,
  memory: { ramStart: 0x60, ramEnd: 0x25f, dataOffset: 0x800000 },
  fpu: false,
  hardwareMultiply: false,
  toolchain: "avr-gcc",
  chipFlags: ["-mmcu=${name}"],
  optimise: "-Os",
  simulator: "avr8js",
  cycles: "exact",
  supplyVolts: 3,
  currents: [
    { mode: "active", milliamps: 1, volts: 3, clockHz: 1_000_000, source: "fill in", confidence: "placeholder, not a fact" },
  ],
  note: "Every figure above is a placeholder: replace it.",
};
`;

function main(name: string | undefined): string | null {
  if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name)) return "usage: tsx scripts/new-board.ts NAME (lower-case letters, digits, -)";
  const folder = new URL(`../src/boards/${name}/`, import.meta.url);
  if (existsSync(folder)) return `${fileURLToPath(folder)} exists already`;
  mkdirSync(folder);
  writeFileSync(new URL("index.ts", folder), template(name));
  const script = fileURLToPath(new URL("gen-boards.ts", import.meta.url));
  const { status } = spawnSync(process.execPath, ["--import", "tsx", script], { stdio: "inherit" });
  process.stdout.write(`${fileURLToPath(folder)}index.ts: put in the facts of the data sheet, then run the tests\n`);
  return status === 0 ? null : "the list of boards could not be written";
}

const problem = main(process.argv[2]);
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}
