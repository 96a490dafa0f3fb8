/**
 * Energy of a model and life of a battery, from measured cycles and published currents: estimates, always with bounds.
 * Source of the currents: each board's facts (data sheets); of the formula: `E = V * I_active * cycles / f + V * I_sleep * rest`.
 */
import type { Board, CurrentFigure } from "./board.js";

/** An estimate with its bounds. */
export interface Bounds {
  readonly low: number;
  readonly typical: number;
  readonly high: number;
}

export interface Battery {
  readonly name: string;
  /** Nominal capacity, mAh. */
  readonly milliampHours: number;
  readonly volts: number;
  /** Part of the capacity lost in a year on the shelf. */
  readonly selfDischarge: number;
}

/** Nominal figures as makers print them; good to about a quarter, less in the cold and under pulses. */
export const batteries: readonly Battery[] = [
  { name: "CR1220", milliampHours: 38, volts: 3, selfDischarge: 0.01 },
  { name: "CR2016", milliampHours: 90, volts: 3, selfDischarge: 0.01 },
  { name: "CR2025", milliampHours: 160, volts: 3, selfDischarge: 0.01 },
  { name: "CR2032", milliampHours: 225, volts: 3, selfDischarge: 0.01 },
  { name: "CR2450", milliampHours: 620, volts: 3, selfDischarge: 0.01 },
  { name: "2xAAA", milliampHours: 1000, volts: 3, selfDischarge: 0.03 },
  { name: "2xAA", milliampHours: 2500, volts: 3, selfDischarge: 0.03 },
  { name: "3xAAA", milliampHours: 1000, volts: 4.5, selfDischarge: 0.03 },
  { name: "3xAA", milliampHours: 2500, volts: 4.5, selfDischarge: 0.03 },
  { name: "LiPo 150 mAh", milliampHours: 150, volts: 3.7, selfDischarge: 0.3 },
  { name: "LiPo 500 mAh", milliampHours: 500, volts: 3.7, selfDischarge: 0.3 },
];

export interface Currents {
  /** mA while the processor works, at the board's clock and supply. */
  readonly active: Bounds;
  /** mA between two inferences, with the watchdog to wake up where that is known. */
  readonly sleep: Bounds;
  /** Where they come from, and how far they can be trusted. */
  readonly basis: readonly string[];
}

/** Part-to-part spread around a typical figure. */
const SPREAD = 0.1;
/** Data-sheet maximum over typical in power-down: 30/5 uA (ATtiny85), 15/4.2 uA (ATmega328P); and a cold, new part below. */
const SLEEP_HIGH = 6;
const SLEEP_LOW = 0.5;

const round = (n: number): number => Number(n.toPrecision(4));
const text = (b: Bounds, unit: string): string => `${round(b.typical)} ${unit} (${round(b.low)} to ${round(b.high)})`;

/** mA per volt and megahertz: what a CMOS core takes is in proportion to both. */
const slope = (f: CurrentFigure, volts: number): number => f.milliamps / ((f.volts ?? volts) * ((f.clockHz ?? 1) / 1e6));

function activeCurrent(board: Board, volts: number, hz: number): { readonly current: Bounds; readonly from: CurrentFigure } | null {
  const figures = board.currents.filter((f) => f.mode === "active" && f.clockHz !== null);
  const distance = (f: CurrentFigure): number => Math.abs(Math.log((f.volts ?? volts) / volts)) * 4 + Math.abs(Math.log((f.clockHz ?? hz) / hz));
  const [from] = figures.toSorted((a, b) => distance(a) - distance(b));
  if (!from) return null;
  const at = (k: number): number => k * volts * (hz / 1e6);
  const slopes = figures.map((f) => slope(f, volts));
  return { from, current: { low: at(Math.min(...slopes)) * (1 - SPREAD), typical: at(slope(from, volts)), high: at(Math.max(...slopes)) * (1 + SPREAD) } };
}

/** Currents at the board's own clock and supply; null where none are published. */
export function currentsOf(board: Board): Currents | null {
  const { supplyVolts: volts, clockHz: hz } = board;
  if (volts === null || hz === null) return null;
  const active = activeCurrent(board, volts, hz);
  const asleep = board.currents.find((f) => f.mode === "power-down-watchdog") ?? board.currents.find((f) => f.mode === "power-down");
  if (!active || !asleep) return null;
  const sleep = { low: asleep.milliamps * SLEEP_LOW, typical: asleep.milliamps, high: asleep.milliamps * SLEEP_HIGH };
  const { from } = active;
  return {
    active: active.current, sleep,
    basis: [
      `active ${text(active.current, "mA")} at ${hz / 1e6} MHz and ${volts} V, in proportion from ${from.milliamps} mA at ${(from.clockHz ?? 0) / 1e6} MHz and ${from.volts ?? "?"} V; bounds: the other published figures, and ${SPREAD * 100} % between parts`,
      `asleep (${asleep.mode}) ${text({ low: sleep.low * 1000, typical: sleep.typical * 1000, high: sleep.high * 1000 }, "uA")}; upper bound: data-sheet maxima are up to ${SLEEP_HIGH} times typical`,
      `source: ${from.source} (${from.confidence})`,
    ],
  };
}

const map = (b: Bounds, f: (v: number) => number): Bounds => ({ low: f(b.low), typical: f(b.typical), high: f(b.high) });

/** uJ per inference: V * I_active * cycles / f; null where no active current is published. */
export function energyPerInference(board: Board, cycles: number): Bounds | null {
  const { supplyVolts: volts, clockHz: hz } = board;
  if (volts === null || hz === null) return null;
  // mA * V = mW; mW * s = mJ. What the chip takes asleep has no part in it, and need not be known.
  const active = activeCurrent(board, volts, hz);
  return active && map(active.current, (mA) => mA * volts * (cycles / hz) * 1000);
}

export interface BatteryLife {
  readonly days: Bounds;
  /** Part of the time the processor works; above 1 it cannot keep up. */
  readonly duty: number;
  /** uA drawn from the battery on average, self-discharge included. */
  readonly microamps: Bounds;
}

export const energyFormula = "E = V * I_active * cycles / f;  I = duty * I_active + (1 - duty) * I_sleep + capacity * self-discharge / 8760 h;  life = capacity / I";

/**
 * Days a battery lasts when the model runs `perSecond` times a second and the chip sleeps in between.
 * The chip alone: sensors, radio and regulators come on top. The shorter life goes with the higher currents.
 */
export function batteryLife(board: Board, cycles: number, battery: Battery, perSecond: number): BatteryLife | null {
  const currents = currentsOf(board);
  if (!currents || board.clockHz === null) return null;
  const duty = (cycles / board.clockHz) * perSecond;
  const lost = (battery.milliampHours * battery.selfDischarge) / 8760;
  // A supply above the battery's voltage needs a converter: the same power from fewer volts.
  const raised = Math.max(1, (board.supplyVolts ?? battery.volts) / battery.volts);
  const busy = Math.min(1, duty);
  const average = (active: number, sleep: number): number => raised * (busy * active + (1 - busy) * sleep) + lost;
  const drawn: Bounds = {
    low: average(currents.active.low, currents.sleep.low), typical: average(currents.active.typical, currents.sleep.typical), high: average(currents.active.high, currents.sleep.high),
  };
  const days = (mA: number): number => battery.milliampHours / mA / 24;
  return { duty, days: { low: days(drawn.high), typical: days(drawn.typical), high: days(drawn.low) }, microamps: map(drawn, (mA) => mA * 1000) };
}
