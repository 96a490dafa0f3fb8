/** A report's findings in words: the proof, the choices with their reasons, the parts of the memories. */
import { figure, plural, short, time, whole } from "./format.js";
import type { LayerFault, RunReport } from "./types.js";

/** `not run` where the program is too large to run at all. */
export type Verdict = "proven" | "differs" | "too large";

export const verdict = (r: RunReport): Verdict => (r.difference !== null ? "differs" : r.fits && r.equal ? "proven" : "too large");

/** The float program is compared within rounding, so it must not claim equal bytes. */
const sameAs = (r: RunReport): string => (r.choice.arithmetic === "float" ? "equal to the reference within float rounding" : "every byte equal to the reference");

/** Layers count from 0, as the functions of the emitted C do. */
export const layerText = (l: LayerFault): string => `layer ${l.layer} (${l.op}, ${short(l.name, 60)}): element ${l.index} is ${l.device} on the board, ${l.reference} in the reference`;

export function proof(r: RunReport): string {
  const d = r.difference;
  if (d?.what === "golden") return `row ${d.row + 1} of ${whole(r.samples)}: element ${d.index} of the reference is ${d.device}, the golden outputs say ${d.reference}`;
  if (d?.layer) return `row ${d.row + 1} of ${whole(r.samples)}: ${layerText(d.layer)}`;
  if (d !== null) return `row ${d.row + 1} of ${whole(r.samples)}: ${d.what === "answer" ? "the answer" : `score ${d.index}`} is ${d.device}, the reference says ${d.reference}`;
  if (r.equal && r.fits) return `${plural(r.samples, "row")}, ${sameAs(r)}${r.certificate?.golden ? " and to the golden outputs" : ""}`;
  const over = [...(r.over.flash > 0 ? [`${plural(r.over.flash, "byte")} of flash`] : []), ...(r.over.ram > 0 ? [`${plural(r.over.ram, "byte")} of RAM`] : [])].join(" and ");
  return `does not fit: ${over === "" ? "the program did not run" : `${over} too many`}${r.equal ? "" : "; the figures of answers are the reference's"}`;
}

export interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly kind: "model" | "harness" | "static" | "input" | "stack" | "frame";
  readonly meaning: string;
}
export interface Memory {
  readonly title: string;
  readonly parts: readonly Part[];
  readonly total: number;
  readonly limit: number | null;
}

export function memories(r: RunReport): readonly [Memory, Memory] {
  const { flash, ram } = r;
  // What the harness holds beside the input row: the answer of a row.
  const frame = Math.max(0, ram.total - ram.static - ram.input - (ram.stack ?? 0));
  const parts: readonly Part[] = [
    { name: ram.activations === undefined ? "static" : "activations", bytes: ram.static, kind: "static", meaning: ram.activations === undefined ? "variables of the model" : "memory of all tensors, at the planner's result" },
    ...(ram.activations !== undefined && ram.input === 0 ? [] : [{ name: "input", bytes: ram.input, kind: "input" as const, meaning: "one row of inputs" }]),
    ...(ram.stack === null ? [] : [{ name: "stack", bytes: ram.stack, kind: "stack" as const, meaning: "deepest of the whole call" }]),
    ...(frame > 0 ? [{ name: "harness", bytes: frame, kind: "frame" as const, meaning: "the answer of a row, test frame" }] : []),
  ];
  return [
    { title: "flash", total: flash.total, limit: flash.limit, parts: [
      ...(flash.code === undefined || flash.weights === undefined
        ? [{ name: "model", bytes: flash.model, kind: "model" as const, meaning: "code, constants, and what they pull from the C library" }]
        : [{ name: "weights", bytes: flash.weights, kind: "model" as const, meaning: "constants of all layers" }, { name: "code", bytes: flash.code, kind: "input" as const, meaning: "code, and what it pulls from the C library" }]),
      { name: "harness", bytes: flash.harness, kind: "harness", meaning: "start-up and test frame" },
    ] },
    { title: "RAM", total: ram.total, limit: ram.limit, parts },
  ];
}

const forms: Readonly<Record<string, string>> = { table: "loops over tables in flash: small where the model is large", inline: "straight code without tables: fast, and small for small models" };
const levels: Readonly<Record<string, string>> = { "-Os": "compiled for size", "-O2": "compiled for speed", "-O3": "compiled for speed" };
const inputs: Readonly<Record<string, string>> = { u8: "one byte a feature", i8: "one signed byte a feature", i16: "two bytes a feature", f32: "float32 as the sketch holds it" };

export interface Choice { readonly what: string; readonly value: string; readonly reason: string }

export function choices({ choice: c }: RunReport): readonly Choice[] {
  return [
    { what: "form", value: short(c.form), reason: forms[c.form] ?? "" },
    { what: "compiler", value: short(c.optimise), reason: levels[c.optimise] ?? "" },
    { what: "inputs", value: short(c.inputType), reason: inputs[c.inputType] ?? "" },
    { what: "arithmetic", value: c.arithmetic === "int" ? "fixed point" : "float32", reason: c.arithmetic === "int" ? "integers only: no float library on the device" : "float32 on the device, by request" },
  ];
}

/** Random rows and golden vectors prove equal bytes; they are nothing that the model was made for. */
export const meaningless = (r: RunReport): boolean => r.random === true || (r.certificate?.golden ?? null) !== null;

/** Labels, or what a regression missed by. */
export function quality(r: RunReport): readonly { readonly what: string; readonly value: number | null; readonly kind: "share" | "number"; readonly meaning: string }[] {
  if (meaningless(r)) return [];
  const e = r.error;
  const agreement = { what: "agreement", value: r.agreement, kind: "share" as const, meaning: e === null ? "answers equal to the float model's" : "values within 0.5 % of the float model's range" };
  if (e === null) return [agreement, ...(r.accuracy === null ? [] : [{ what: "accuracy", value: r.accuracy, kind: "share" as const, meaning: `right labels in ${plural(r.samples, "row")}` }])];
  return [
    agreement,
    { what: "largest deviation", value: e.againstFloat, kind: "number", meaning: "from the float model, in the model's units" },
    ...(e.meanAbsolute === null ? [] : [{ what: "mean error", value: e.meanAbsolute, kind: "number" as const, meaning: "absolute, against the labels" }]),
    ...(e.rSquared === null ? [] : [{ what: "R²", value: e.rSquared, kind: "number" as const, meaning: "share of the labels' variance explained" }]),
  ];
}

/** Clock in hertz as far as the report tells it. */
export const clockOf = (r: RunReport): number | null => (r.cycles && r.microseconds && r.microseconds.mean > 0 ? (r.cycles.mean / r.microseconds.mean) * 1e6 : null);

export function timing(r: RunReport): string {
  const t = r.microseconds;
  const clock = clockOf(r);
  if (t === null) return "";
  const range = t.min === t.max ? time(t.max) : `${time(t.min)} to ${time(t.max)}, mean ${time(t.mean)}`;
  return clock === null ? `${range} on this computer` : `${range} at ${figure(clock / 1e6)} MHz`;
}

export const className = (label: string | number): string => short(String(label), 24);
