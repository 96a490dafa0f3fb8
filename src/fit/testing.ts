/** For the tests of this room only: small data of our own making. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRandom } from "../train/random.js";
import type { Limits } from "./limits.js";

export const noLimits: Limits = { flash: null, ram: null, stack: null, latency: null, battery: null };

/** A folder that is removed when the process ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "coincell-fit-test-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Three clouds of points that overlap a little; whole numbers, so that one byte holds each. */
export function clouds(file: string, rows: number, seed: number): string {
  const random = makeRandom(seed);
  const centres = [[60, 60, 100], [120, 90, 100], [90, 150, 120]] as const;
  const names = ["ash", "birch", "cedar"];
  const lines = Array.from({ length: rows }, (_, i) => [...(centres[i % 3] ?? []).map((c) => Math.max(0, Math.min(255, Math.round(c + 14 * random.normal())))), names[i % 3]].join(","));
  writeFileSync(file, `red,green,blue,wood\n${lines.join("\n")}\n`);
  return file;
}
