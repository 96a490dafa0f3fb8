/** NPY and NPZ files as a dataset: x with one row a sample, y beside it; further axes are laid out in one row. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { fail } from "../ir/diagnostics.js";
import { NO_LABEL, parseCell, type Dataset, type Problem, type ReadOptions } from "./dataset.js";
import { readNpy, type NpyArray } from "./npy.js";

/** What an archive may unpack to. */
const MAX_BYTES = 2 ** 30;

const xNames = ["x", "X", "data", "features"] as const;
const yNames = ["y", "Y", "label", "labels", "target"] as const;

interface Pair { readonly x: NpyArray; readonly y: NpyArray | null; readonly part: string | null; readonly where: string }

function joinPair({ x, y, where }: Pair): { readonly rows: number; readonly width: number; readonly x: NpyArray; readonly labels: readonly string[] | null } {
  const [rows = 0, ...rest] = x.shape;
  const width = rest.reduce((a, b) => a * b, 1);
  if (x.shape.length === 0 || rows === 0) fail("data/empty", where, "the array has no rows", "Give one row a sample.");
  if (y && y.values.length !== rows) fail("data/bad-npy", where, `${rows} rows, but ${y.values.length} labels`, "Give one label for each row.");
  return { rows, width, x, labels: y ? Array.from(y.values, String) : null };
}

/** Without y, the last column of a matrix is the label, as in a CSV. */
function splitLast(p: ReturnType<typeof joinPair>, o: ReadOptions): ReturnType<typeof joinPair> {
  if (p.labels || o.label === NO_LABEL || p.x.shape.length !== 2 || p.width < 2) return p;
  const values = p.x.values;
  const width = p.width - 1;
  const cut = new Float64Array(p.rows * width);
  for (let r = 0; r < p.rows; r++) for (let f = 0; f < width; f++) cut[r * width + f] = Number(values[r * p.width + f]);
  return { rows: p.rows, width, x: { shape: [p.rows, width], values: cut }, labels: Array.from({ length: p.rows }, (_, r) => String(values[r * p.width + width])) };
}

function assemble(file: string, pairs: readonly Pair[], o: ReadOptions): Dataset {
  for (const [option, name] of [["--group", o.group], ["--ignore", o.ignore?.[0]], ["--split", o.part]] as const) if (name !== undefined) fail("data/no-header", file, `arrays have no named columns, so there is no "${name}"`, `Leave ${option} away, or write a CSV file with a header.`);
  const parts = pairs.map((p) => ({ ...splitLast(joinPair(p), o), where: p.where, part: p.part }));
  const width = parts[0]?.width ?? 0;
  if (parts.some((p) => p.width !== width)) fail("data/bad-npy", file, `parts of ${parts.map((p) => p.width).join(" and ")} features`, "Give all parts the same features.");
  if (parts.some((p) => typeof p.x.values[0] === "string")) fail("data/bad-npy", file, "the rows are texts", "Give numbers in x.");
  const rows = parts.reduce((n, p) => n + p.rows, 0);
  const x = new Float64Array(rows * width);
  const problems: Problem[] = [];
  const places = parts.flatMap((p) => Array.from({ length: p.rows }, (_, r) => `${p.where}: row ${r + 1}`));
  let at = 0;
  for (const p of parts) {
    for (let i = 0; i < p.rows * width; i++, at++) {
      const v = parseCell(Number(p.x.values[i]));
      x[at] = typeof v === "number" ? v : NaN;
      const row = Math.floor(at / width);
      if (typeof v !== "number") problems.push({ ...v, row, place: places[row] ?? file, column: `f${at % width}` });
    }
  }
  const labels = o.label === NO_LABEL || parts.some((p) => p.labels === null) ? null : parts.flatMap((p) => p.labels ?? []);
  return {
    file, features: Array.from({ length: width }, (_, i) => `f${i}`), rows, x, label: labels ? "y" : null, labels, groups: null,
    parts: parts.some((p) => p.part !== null) ? parts.flatMap((p) => Array.from({ length: p.rows }, () => p.part ?? "train")) : null, places, problems,
  };
}

/** `x.npy` has its labels in `y.npy` beside it, `train_x.npy` in `train_y.npy`. */
const labelFile = (file: string): string | null => {
  const name = basename(file);
  const other = name.replace(/(^|_)([xX])(?=[_.])/, (_, before: string, x: string) => `${before}${x === "x" ? "y" : "Y"}`);
  return other === name ? null : join(dirname(file), other);
};

export async function readArrays(file: string, bytes: Uint8Array, o: ReadOptions): Promise<Dataset> {
  const beside = labelFile(file);
  const labels = beside === null || o.label === NO_LABEL ? null : await readFile(beside).catch(() => null);
  return assemble(file, [{ x: readNpy(bytes, file), y: labels && beside !== null ? readNpy(labels, beside) : null, part: null, where: file }], o);
}

function unpack(bytes: Uint8Array, file: string): ReadonlyMap<string, Uint8Array> {
  let total = 0;
  try {
    const entries = unzipSync(bytes, {
      filter: (e) => {
        total += e.originalSize;
        if (total > MAX_BYTES) fail("data/too-large", file, `the archive unpacks to more than ${MAX_BYTES} bytes`, "Split it into smaller archives.");
        return e.name.endsWith(".npy");
      },
    });
    return new Map(Object.entries(entries).map(([k, v]) => [k.replace(/\.npy$/, ""), v]));
  } catch (e) {
    if (e instanceof Error && e.name === "CoincellError") throw e;
    return fail("data/bad-npy", file, `the archive is damaged (${e instanceof Error ? e.message.slice(0, 60) : "unknown"})`, "Save it again with numpy.savez or numpy.savez_compressed.");
  }
}

export function readArchive(file: string, bytes: Uint8Array, o: ReadOptions): Dataset {
  const entries = unpack(bytes, file);
  const find = (names: readonly string[]): NpyArray | null => {
    const name = names.find((n) => entries.has(n));
    const data = name === undefined ? undefined : entries.get(name);
    return data === undefined ? null : readNpy(data, `${file}: ${name}`);
  };
  const of = (part: string | null): Pair | null => {
    const both = (names: readonly string[]): readonly string[] => (part === null ? names : names.flatMap((n) => [`${n}_${part}`, `${part}_${n}`]));
    const x = find(both(xNames));
    return x && { x, y: find(both(yNames)), part, where: part === null ? file : `${file}: ${part}` };
  };
  const split = ["train", "test"].map(of).filter((p): p is Pair => p !== null);
  const whole = of(null);
  const pairs = split.length > 0 ? split : whole ? [whole] : [];
  if (pairs.length === 0) fail("data/bad-npy", file, `the archive holds ${[...entries.keys()].slice(0, 10).join(", ") || "no arrays"}`, "Name the arrays x and y, or x_train, y_train, x_test, y_test.");
  return assemble(file, pairs, o);
}
