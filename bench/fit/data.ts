/** CSVs for the searches of docs/fit.md: digits as scikit-learn splits them, own-made colours, own-made gestures by simple statistics. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Papa from "papaparse";

const here = fileURLToPath(new URL(".", import.meta.url));
const shared = join(here, "../../../shared/datasets");
const digits = join(here, "../peers/out/digits/rf");

type Row = Readonly<Record<string, string>>;
const rowsOf = (file: string): readonly Row[] => Papa.parse<Row>(readFileSync(file, "utf8"), { header: true, skipEmptyLines: true }).data;
const write = (file: string, header: readonly string[], rows: readonly (readonly (string | number)[])[]): void => writeFileSync(file, `${[header, ...rows].map((r) => r.join(",")).join("\n")}\n`);

/** int16 or float32 arrays of NumPy, C order. */
function npy(file: string): { readonly shape: readonly number[]; readonly data: ArrayLike<number> } {
  const b = readFileSync(file);
  const length = b.readUInt16LE(8);
  const head = b.toString("latin1", 10, 10 + length);
  const shape = (/'shape': \(([^)]*)\)/.exec(head)?.[1] ?? "").split(",").filter((s) => s.trim() !== "").map(Number);
  const body = new Uint8Array(b.subarray(10 + length)).buffer;
  return { shape, data: /'<i2'/.test(head) ? new Int16Array(body) : new Float32Array(body) };
}

/** Mean, deviation, smallest, largest, mean step and mean crossings of each axis: what a sketch can keep up with, rounded to whole numbers. */
function statistics(x: readonly number[]): readonly number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length);
  const step = x.slice(1).reduce((a, v, i) => a + Math.abs(v - (x[i] ?? 0)), 0) / (x.length - 1);
  const crossings = x.slice(1).filter((v, i) => (v > mean) !== ((x[i] ?? 0) > mean)).length;
  return [mean, deviation, Math.min(...x), Math.max(...x), step, crossings].map(Math.round);
}

function gestures(from: string, to: string): void {
  const { shape: [, steps = 1, axes = 1], data } = npy(join(from, "x.npy"));
  const names = ["mean", "deviation", "least", "most", "step", "crossings"];
  const header = [...Array.from({ length: axes }, (_, a) => names.map((n) => `${n}_${a}`)).flat(), "label"];
  const all = rowsOf(join(from, "index.csv")).map((r) => {
    const at = Number(r["row"]) * steps * axes;
    const axis = (a: number): readonly number[] => Array.from({ length: steps }, (_, t) => data[at + t * axes + a] ?? 0);
    return { part: r["part"], cells: [...Array.from({ length: axes }, (_, a) => statistics(axis(a))).flat(), r["label"] ?? ""] };
  });
  for (const [part, file] of [["train", "train.csv"], ["val", "test.csv"]] as const) write(join(to, file), header, all.filter((r) => r.part === part).map((r) => r.cells));
}

function colours(from: string, to: string): void {
  const header = ["r", "g", "b", "clear", "label"];
  for (const [part, file] of [["train", "train.csv"], ["val", "test.csv"]] as const) write(join(to, file), header, rowsOf(join(from, "data.csv")).filter((r) => r["part"] === part).map((r) => header.map((h) => r[h] ?? "")));
}

/** Makes `<folder>/<set>/{train,test}.csv`; gives the sets there are. */
export function makeData(folder: string): readonly string[] {
  const made: string[] = [];
  for (const [set, make] of [["synth_colour", colours], ["synth_gesture", gestures]] as const) {
    if (!existsSync(join(shared, `${set}.tar.gz`))) continue;
    mkdirSync(join(folder, set), { recursive: true });
    execFileSync("tar", ["xzf", join(shared, `${set}.tar.gz`), "-C", join(folder, set), "--strip-components=1"]);
    make(join(folder, set, "public"), join(folder, set));
    made.push(set);
  }
  if (existsSync(join(digits, "train.csv"))) {
    mkdirSync(join(folder, "digits"), { recursive: true });
    for (const f of ["train.csv", "test.csv"]) copyFileSync(join(digits, f), join(folder, "digits", f));
    made.push("digits");
  }
  return made;
}
