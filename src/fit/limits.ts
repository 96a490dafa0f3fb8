/** Limits as typed (`6k`, `5ms`, `CR2032, 10 per second, 6 months`) to numbers, and what a measured model breaks of them. */
import { fail } from "../ir/diagnostics.js";
import type { Board } from "../boards/index.js";
import { batteries, batteryLife, energyPerInference, type Battery } from "../boards/energy.js";
import type { Bind, FitEnergy, FitLimits } from "../report/pareto-types.js";
import type { RunReport } from "../report/types.js";

/** Limits with the battery's facts. */
export interface Limits extends Omit<FitLimits, "battery"> {
  readonly battery: { readonly cell: Battery; readonly perSecond: number; readonly days: number } | null;
}

const bad = (option: string, text: string, cure: string): never => fail("cli/bad-limit", option, `"${text}" is no limit`, cure);

function quantity(option: string, text: string, units: Readonly<Record<string, number>>, cure: string): number {
  const m = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zµμ]*)\s*$/i.exec(text);
  const unit = (m?.[2] ?? "").toLowerCase().replace("μ", "µ");
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  const v = Number(m?.[1] ?? NaN) * (factor ?? NaN);
  return Number.isFinite(v) && v > 0 ? v : bad(option, text, cure);
}

const byteUnits = { "": 1, b: 1, byte: 1, bytes: 1, k: 1024, kb: 1024, kib: 1024, m: 1024 ** 2, mb: 1024 ** 2, mib: 1024 ** 2 };
export const parseBytes = (option: string, text: string): number => Math.floor(quantity(option, text, byteUnits, "Write bytes above 0: 6144, 6k (6 * 1024), 1M."));

const timeUnits = { us: 1, µs: 1, ms: 1000, s: 1e6 };
/** Microseconds. */
export const parseTime = (option: string, text: string): number => quantity(option, text, timeUnits, "Write a time above 0 with its unit: 800us, 5ms, 1.5s.");

const secondsOf: Readonly<Record<string, number>> = { s: 1, sec: 1, second: 1, min: 60, minute: 60, h: 3600, hour: 3600, d: 86_400, day: 86_400, week: 604_800, month: 2_629_800, y: 31_557_600, year: 31_557_600 };
const unitSeconds = (word: string): number | undefined => {
  const w = word.toLowerCase();
  const known = w in secondsOf ? w : w.replace(/s$/, "");
  return Object.hasOwn(secondsOf, known) ? secondsOf[known] : undefined;
};

/** Also the search's `--budget`. */
export function parseDuration(text: string): number | null {
  const m = /^\s*(?:(\d+(?:\.\d+)?|\.\d+)\s*)?([a-z]+)\s*$/i.exec(text);
  const unit = unitSeconds(m?.[2] ?? "");
  const seconds = Number(m?.[1] ?? 1) * (unit ?? NaN);
  return m && seconds > 0 ? seconds : null;
}

function parseRate(text: string): number | null {
  const per = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:times\s+)?(?:per|\/|an?|x\s*per)\s*([a-z]+)\s*$/i.exec(text);
  const unit = unitSeconds(per?.[2] ?? "");
  if (per && unit !== undefined) return Number(per[1]) > 0 ? Number(per[1]) / unit : null;
  const every = /^\s*(?:once\s+)?(?:every|an?|per)\s+(.+)$/i.exec(text);
  const seconds = parseDuration(every?.[1] ?? "");
  return seconds === null ? null : 1 / seconds;
}

const squeeze = (s: string): string => s.toLowerCase().replace(/[\s×*-]/g, (c) => (c === "×" || c === "*" ? "x" : ""));

function parseCell(text: string): Battery | null {
  const own = /^\s*(\d+(?:\.\d+)?)\s*mAh(?:\s+(?:at\s+)?(\d+(?:\.\d+)?)\s*V)?\s*$/i.exec(text);
  if (own) return { name: text.trim(), milliampHours: Number(own[1]), volts: Number(own[2] ?? 3), selfDischarge: 0.02 };
  const lipo = /^\s*li-?po\s*(\d+(?:\.\d+)?)\s*mAh\s*$/i.exec(text);
  if (lipo) return { name: `LiPo ${lipo[1]} mAh`, milliampHours: Number(lipo[1]), volts: 3.7, selfDischarge: 0.3 };
  return batteries.find((b) => squeeze(b.name) === squeeze(text)) ?? null;
}

/** `CR2032, 10 per second, 6 months`: battery, rate, least life. */
export function parseBattery(text: string): NonNullable<Limits["battery"]> {
  const cure = `Write battery, rate and life: "CR2032, 10 per second, 6 months", "225 mAh 3 V, every 5 s, 1 year". Batteries: ${batteries.map((b) => b.name).join(", ")}.`;
  const parts = text.split(",");
  const [cell, rate, life] = [parseCell(parts[0] ?? ""), parseRate(parts[1] ?? ""), parseDuration(parts[2] ?? "")];
  if (parts.length !== 3 || !cell || cell.milliampHours <= 0 || cell.volts <= 0 || rate === null || life === null) return bad("--battery", text, cure);
  return { cell, perSecond: rate, days: life / 86_400 };
}

export { limitedBoard } from "../boards/index.js";

export const plainLimits = (l: Limits): FitLimits => ({ ...l, battery: l.battery && { name: l.battery.cell.name, perSecond: l.battery.perSecond, days: l.battery.days } });

/** Cycles of a mean call to energy and battery life; null where nothing ran or no currents are published. */
export function energyOf(board: Board, cycles: number | null, limits: Limits): FitEnergy | null {
  const microjoules = cycles === null ? null : energyPerInference(board, cycles);
  if (cycles === null || !microjoules) return null;
  const b = limits.battery;
  const life = b && batteryLife(board, cycles, b.cell, b.perSecond);
  return { microjoules, battery: b && life ? { name: b.cell.name, perSecond: b.perSecond, ...life } : null };
}

type Measured = Pick<RunReport, "flash" | "ram" | "microseconds">;

const above = (limit: Bind["limit"], unit: Bind["unit"], value: number | null | undefined, allowed: number | null): readonly Bind[] =>
  value !== null && value !== undefined && allowed !== null && value > allowed ? [{ limit, unit, value, allowed, over: value - allowed }] : [];

/** Every limit the model breaks. Latency is that of the slowest row, battery life the typical one. */
export function bindsOf(r: Measured, energy: FitEnergy | null, limits: Limits): readonly Bind[] {
  const battery = energy?.battery ?? null;
  const wanted = limits.battery?.days ?? null;
  const tooOften = battery !== null && battery.duty > 1 ? 1e6 / battery.perSecond : null;
  return [
    ...above("flash", "bytes", r.flash.total, r.flash.limit),
    ...above("ram", "bytes", r.ram.total, r.ram.limit),
    ...above("stack", "bytes", r.ram.stack, limits.stack),
    ...above("latency", "µs", r.microseconds?.max, limits.latency),
    ...above("latency", "µs", r.microseconds?.mean, tooOften),
    ...(battery !== null && wanted !== null && battery.days.typical < wanted ? [{ limit: "battery" as const, unit: "days" as const, value: battery.days.typical, allowed: wanted, over: wanted - battery.days.typical }] : []),
  ];
}

/** How far beyond its limits, as a part of them: the sum over all limits it breaks. */
export const excess = (binds: readonly Bind[]): number => binds.reduce((s, b) => s + (b.limit === "battery" ? b.allowed / Math.max(b.value, 1e-9) - 1 : b.over / b.allowed), 0);
