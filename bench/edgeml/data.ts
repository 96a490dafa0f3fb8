/** The data sets of this bench as training and test rows; what is not on this machine is left out, and said. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingSet } from "../../src/train/learner.js";

export interface Part {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface DataSet {
  readonly name: string;
  /** What was used, in words. */
  readonly what: string;
  readonly features: number;
  readonly classes: readonly (string | number)[];
  readonly train: Part;
  readonly test: Part;
}

const packed = new URL("../../../shared/datasets/", import.meta.url).pathname;

/** Folder of an unpacked set, or null where the archive is missing. */
function unpack(name: string): string | null {
  const archive = join(packed, `${name}.tar.gz`);
  if (!existsSync(archive)) return null;
  const to = join(tmpdir(), "coincell-edgeml");
  mkdirSync(to, { recursive: true });
  if (!existsSync(join(to, name))) execFileSync("tar", ["xzf", archive, "-C", to]);
  return join(to, name, "public");
}

/** Values of a .npy file of version 1, C order. */
function npy(file: string): Float64Array {
  const b = readFileSync(file);
  const at = 10 + b.readUInt16LE(8);
  const type = /'descr': '([^']+)'/.exec(b.toString("latin1", 10, at))?.[1];
  const d = b.subarray(at);
  if (type === "|u1") return Float64Array.from(d);
  if (type === "<i2") return Float64Array.from({ length: d.length / 2 }, (_, i) => d.readInt16LE(2 * i));
  if (type === "<i8") return Float64Array.from({ length: d.length / 8 }, (_, i) => Number(d.readBigInt64LE(8 * i)));
  throw new Error(`${file}: type ${type}`);
}

function csvPart(file: string): Part {
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1).map((l) => l.split(",").map(Number));
  return { x: Float64Array.from(rows.flatMap((r) => r.slice(0, -1))), y: Float64Array.from(rows, (r) => r.at(-1) ?? 0) };
}

const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const halves = (p: Part): Part => ({ x: p.x, y: p.y.map((v) => Number(v >= 5)) });

const digitsFile = (part: string): string => new URL(`../peers/out/digits/rf/${part}.csv`, import.meta.url).pathname;

function digits(): DataSet[] {
  if (!existsSync(digitsFile("train"))) return [];
  const [train, test] = [csvPart(digitsFile("train")), csvPart(digitsFile("test"))];
  const what = "scikit-learn's digits, 8x8 pixels of 0..16; 1257 training, 540 test rows (stratified)";
  return [
    { name: "digits-2", what: `${what}; 0-4 against 5-9`, features: 64, classes: ["0-4", "5-9"], train: halves(train), test: halves(test) },
    { name: "digits-10", what, features: 64, classes: ten, train, test },
  ];
}

function mnist(): DataSet[] {
  const at = unpack("mnist10k");
  if (at === null) return [];
  const part = (p: string): Part => ({ x: npy(`${at}/${p}_x.npy`), y: npy(`${at}/${p}_y.npy`) });
  const [train, test] = [part("train"), part("val")];
  const what = "MNIST, 28x28 pixels of 0..255, images of the t10k file only: 6010 training, 1007 test rows (the papers train on 60,000)";
  return [
    { name: "mnist10k-2", what: `${what}; 0-4 against 5-9`, features: 784, classes: ["0-4", "5-9"], train: halves(train), test: halves(test) },
    { name: "mnist10k-10", what, features: 784, classes: ten, train, test },
  ];
}

/** Of one axis of a recording: mean, deviation, smallest, largest, mean step, largest step, crossings of the mean, and how alike it is to itself 5 samples later. */
function statistics(v: Float64Array): number[] {
  const n = v.length;
  const mean = v.reduce((s, x) => s + x, 0) / n;
  let [square, step, most, crossings, later] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const d = (v[i] ?? 0) - mean;
    square += d * d;
    if (i + 5 < n) later += d * ((v[i + 5] ?? 0) - mean);
    if (i === 0) continue;
    const change = Math.abs((v[i] ?? 0) - (v[i - 1] ?? 0));
    step += change / (n - 1);
    most = Math.max(most, change);
    if (d > 0 !== (v[i - 1] ?? 0) - mean > 0) crossings++;
  }
  const range = v.reduce(([lo, hi], x) => [Math.min(lo, x), Math.max(hi, x)] as const, [Infinity, -Infinity] as const);
  return [mean, Math.sqrt(square / n), ...range, step, most, (1000 * crossings) / n, (1000 * later) / Math.max(1, square)].map(Math.round);
}

/** Statistics of every axis of a recording, whole numbers. */
function gestures(name: string, what: string, axes: number, trainParts: readonly string[], testPart: string): DataSet[] {
  const at = unpack(name);
  if (at === null) return [];
  const raw = npy(`${at}/x.npy`);
  const [head = "", ...lines] = readFileSync(`${at}/index.csv`, "utf8").trim().split(/\r?\n/);
  const columns = head.split(",");
  const index = lines.map((l) => Object.fromEntries(l.split(",").map((v, i) => [columns[i], v])));
  const classes = [...new Set(index.map((r) => String(r["label"])))].sort();
  const part = (names: readonly string[]): Part => {
    const rows = index.filter((r) => names.includes(String(r["part"])));
    const x = rows.flatMap((r) => {
      const length = Number(r["length"] ?? 100);
      const start = r["row"] === undefined ? Number(r["start"]) : Number(r["row"]) * length;
      return Array.from({ length: axes }, (_, a) => statistics(Float64Array.from({ length }, (__, t) => raw[(start + t) * axes + a] ?? 0))).flat();
    });
    return { x: Float64Array.from(x), y: Float64Array.from(rows, (r) => classes.indexOf(String(r["label"]))) };
  };
  return [{ name, what, features: axes * 8, classes, train: part(trainParts), test: part([testPart]) }];
}

export const dataSets = (): DataSet[] => [
  ...digits(), ...mnist(),
  ...gestures("synth_gesture", "own modelled accelerometer gestures, 6 classes, 8 statistics of each of 3 axes; 660 training, 180 test rows", 3, ["train"], "val"),
  ...gestures("gesture_wiimote", "UCR AllGestureWiimote, 10 gestures, 8 statistics of each of 3 axes; 240 training, 60 test rows (people in both)", 3, ["train"], "val"),
  ...gestures("gesture_grwd", "GRWD, 10 gestures, 8 statistics of each of 6 axes; 1926 training, 647 test rows (other people)", 6, ["train"], "val"),
];

export const trainingSet = (d: DataSet): TrainingSet => ({ features: Array.from({ length: d.features }, (_, i) => `f${i}`), x: d.train.x, rows: d.train.y.length, y: d.train.y, classes: d.classes });
export const rowsOf = (p: Part, features: number): Float64Array[] => Array.from(p.y, (_, r) => p.x.slice(r * features, (r + 1) * features));
