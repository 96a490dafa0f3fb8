/** The proof of a run as a document: hashes of all that went in and came out, so that anybody can repeat it and compare. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { programVersion, simulators, toolchains, type Board } from "../boards/index.js";
import type { TypedArray } from "../ir/types.js";
import type { Certificate } from "../report/types.js";
import { emit, type Candidate } from "./candidates.js";

export const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

export function sha256All(arrays: readonly TypedArray[]): string {
  const h = createHash("sha256");
  for (const a of arrays) h.update(new Uint8Array(a.buffer, a.byteOffset, a.byteLength));
  return h.digest("hex");
}

/** Name and version of this package. */
function tool(): string {
  const { name, version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { name?: unknown; version?: unknown };
  return `${String(name)} ${String(version)}`;
}

/** An emulator outside coincell has a version of its own; of several programs the one that serves the board's compiler. */
async function simulatorOf(board: Board): Promise<string> {
  const programs = simulators.find((s) => s.name === board.simulator)?.programs ?? [];
  const wanted = programs.find((p) => (board.toolchain === "riscv-gcc") === p.command.includes("riscv"));
  return wanted ? `${board.simulator}: ${(await programVersion(wanted.command)) ?? wanted.command}` : board.simulator;
}

/** All files of the emitted model, each with its path. */
const sourceHash = (k: Candidate): string => sha256([...emit(k.compiled, k.form)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => `${path}\0${text}\0`).join(""));

export interface Proven {
  readonly candidate: Candidate;
  readonly model: string | null;
  readonly inputs: Uint8Array;
  /** Per row. */
  readonly outputs: readonly TypedArray[] | null;
  readonly reference: readonly TypedArray[];
  readonly golden: readonly TypedArray[] | null;
  readonly rows: number;
  readonly equal: boolean;
}

export async function certify(r: Proven): Promise<Certificate> {
  const { board, elf } = r.candidate.built;
  const fields = {
    tool: tool(), board: board.name, compiler: (await toolchains.find((t) => t.name === board.toolchain)?.version()) ?? null, simulator: await simulatorOf(board),
    model: r.model, source: sourceHash(r.candidate), elf: sha256(elf.file), inputs: sha256(r.inputs), outputs: r.outputs ? sha256All(r.outputs) : null,
    reference: sha256All(r.reference), golden: r.golden ? sha256All(r.golden) : null, rows: r.rows, equal: r.equal,
  };
  return { ...fields, hash: sha256(JSON.stringify(fields)) };
}
