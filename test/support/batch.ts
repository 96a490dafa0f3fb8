/** Many small programs in one ELF: a selector before each row says which of them is meant. */
import { kernelSource, runtimeHeader } from "../../src/assets.js";
import { buildProgram, runProgram, type Board, type ProgramSizes } from "../../src/boards/index.js";
import { emitC, entry, type Arena, type Form } from "../../src/emit/index.js";
import { CoincellError } from "../../src/ir/diagnostics.js";
import type { Program } from "../../src/ir/op.js";
import type { TypedArray } from "../../src/ir/types.js";

export interface Job {
  readonly title: string;
  readonly program: Program;
  readonly labelProgram?: Program | null;
  /** Networks: where their tensors lie. A row holds all inputs, `want` all outputs. */
  readonly arena?: Arena;
  /** Scores unless told otherwise. */
  readonly what?: "answer" | "scores";
  readonly form: Form;
  readonly rows: readonly TypedArray[];
  /** Bytes of the answer or scores the program must give for each row. */
  readonly want: readonly Uint8Array[];
}

export interface Mismatch { readonly title: string; readonly row: number; readonly input: string; readonly got: string; readonly want: string }

/** Rows start behind the selector, aligned for any element type. */
const HEAD = 4;
const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");

export const bytesIn = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength).slice();

function sources(jobs: readonly Job[]): { readonly files: Map<string, string>; readonly inBytes: number; readonly outBytes: number } {
  const files = new Map<string, string>();
  let [inBytes, outBytes] = [1, 1];
  const calls = jobs.map((job, k) => {
    const program = { ...job.program, name: `v${k}` };
    for (const [path, text] of emitC({ program, labelProgram: job.labelProgram ?? null, form: job.form, sources: kernelSource, runtime: runtimeHeader(), measured: null, arena: job.arena ?? null })) files.set(path, text);
    const e = entry(program, job.what ?? "scores", job.arena !== undefined);
    inBytes = Math.max(inBytes, e.inBytes);
    outBytes = Math.max(outBytes, e.outBytes);
    if (job.arena) {
      files.set(`v${k}_entry.c`, e.text.replaceAll("cell_entry", `v${k}_entry`));
      return `    case ${k}: v${k}_entry(x, out); break;`;
    }
    const call = job.what === "answer" ? `*(v${k}_answer_t *)out = v${k}_predict((const v${k}_input_t *)x)` : `v${k}_scores((const v${k}_input_t *)x, (v${k}_score_t *)out)`;
    return `    case ${k}: ${call}; break;`;
  });
  const includes = jobs.map((j, k) => (j.arena ? `void v${k}_entry(const void *in, void *out);` : `#include "v${k}.h"`)).join("\n");
  files.set("entry.c", `${includes}\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)\n{\n    const unsigned char *s = (const unsigned char *)in;\n    const void *x = s + ${HEAD};\n    switch (s[0] | s[1] << 8) {\n${calls.join("\n")}\n    }\n}\n`);
  return { files, inBytes: inBytes + HEAD, outBytes };
}

function packed(jobs: readonly Job[], inBytes: number): Uint8Array {
  const total = jobs.reduce((n, j) => n + j.rows.length, 0);
  const out = new Uint8Array(total * inBytes);
  let at = 0;
  jobs.forEach((j, k) => {
    for (const row of j.rows) {
      out.set([k & 255, k >> 8], at);
      out.set(bytesIn(row), at + HEAD);
      at += inBytes;
    }
  });
  return out;
}

/** AVR's linked constants that lie out of reach: too many for one program. */
function tooLarge(e: unknown): null {
  if (e instanceof CoincellError && e.diagnostic.code === "board/tables-too-far") return null;
  throw e;
}

/** Stack that a kernel may need. */
const STACK = 128;

const fitsWithStack = ({ fits, ram }: ProgramSizes): boolean => fits && (ram.available === null || ram.available - ram.total >= STACK);

/** Builds all jobs for a board, in as many programs as its flash asks for, and compares every row byte for byte. */
export async function runBatch(jobs: readonly Job[], board: Board, sanitize = false, most = 40): Promise<Mismatch[]> {
  if (jobs.length > most) return [...await runBatch(jobs.slice(0, most), board, sanitize, most), ...await runBatch(jobs.slice(most), board, sanitize, most)];
  const { files, inBytes, outBytes } = sources(jobs);
  const built = await buildProgram({ board, files, inBytes, outBytes, optimise: sanitize ? "-O1" : "-Os", sanitize }).catch(tooLarge);
  if (!built || !fitsWithStack(built.sizes)) {
    // A case may be larger than the smallest chip; the host and the larger one check it.
    if (jobs.length === 1) return [];
    const half = jobs.length >> 1;
    return [...await runBatch(jobs.slice(0, half), board, sanitize), ...await runBatch(jobs.slice(half), board, sanitize)];
  }
  const { outputs } = await runProgram(built, packed(jobs, inBytes));
  const wrong: Mismatch[] = [];
  let at = 0;
  for (const j of jobs) {
    j.rows.forEach((row, i) => {
      const want = j.want[i] as Uint8Array;
      const got = (outputs[at++] as Uint8Array).subarray(0, want.length);
      if (hex(got) !== hex(want)) wrong.push({ title: `${j.title} (${j.form})`, row: i, input: [...row].join(), got: hex(got), want: hex(want) });
    });
  }
  return wrong;
}
