/** Writes docs/peers-avr.md from out/peers.json and out/ours.json: one line a model and chip, and the summary the issue asks for. */
import { readFileSync, writeFileSync } from "node:fs";
import type { OurRow } from "./ours.js";

interface PeerRow {
  readonly data: string; readonly model: string; readonly peer: string; readonly variant: string; readonly chip: string;
  readonly flash: number | null; readonly cyclesMean: number | null; readonly agreement: number | null; readonly fits: boolean;
}

const out = new URL("./out/", import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, out), "utf8")) as T;
const peers = read<{ readonly rows: readonly PeerRow[] }>("peers.json").rows;
const ours = read<readonly OurRow[]>("ours.json");

/** A peer counts where it fits and answers as the model does in 97 of 100 rows. */
const counts = (r: PeerRow): boolean => r.fits && (r.agreement ?? 0) >= 0.97 && r.flash !== null && r.cyclesMean !== null;

interface Bar { readonly flash: number; readonly flashBy: string; readonly cycles: number; readonly cyclesBy: string; readonly agreement: number }

function barOf(data: string, model: string, chip: string): Bar | null {
  const rows = peers.filter((r) => r.data === data && r.model === model && r.chip === chip && counts(r));
  const small = [...rows].sort((a, b) => (a.flash ?? 0) - (b.flash ?? 0))[0];
  const fast = [...rows].sort((a, b) => (a.cyclesMean ?? 0) - (b.cyclesMean ?? 0))[0];
  if (!small || !fast) return null;
  return { flash: small.flash ?? 0, flashBy: small.variant, cycles: fast.cyclesMean ?? 0, cyclesBy: fast.variant, agreement: Math.max(...rows.map((r) => r.agreement ?? 0)) };
}

const n = (v: number | null): string => (v === null ? "-" : Math.round(v).toLocaleString("en"));
const percent = (v: number): string => `${Number((v * 100).toFixed(1))}`;

interface Line { readonly small: OurRow; readonly fast: OurRow; readonly bar: Bar | null }

const order = ["dt", "rf", "et", "gb", "xgb", "lgbm", "lr", "lsvc", "lda", "svcl", "svcr", "svcp", "gnb", "mlp", "knn"];
const lines: Line[] = ours.filter((r) => r.goal === "size")
  .map((small) => ({ small, fast: ours.find((r) => r.goal === "speed" && r.data === small.data && r.model === small.model && r.chip === small.chip) ?? small, bar: barOf(small.data, small.model, small.chip) }))
  .sort((a, b) => order.indexOf(a.small.model) - order.indexOf(b.small.model) || a.small.data.localeCompare(b.small.data) || b.small.chip.localeCompare(a.small.chip));

const cells = (r: OurRow): string => (r.fits ? `${n(r.flash)} / ${r.ramStatic} / ${n(r.stack)} / ${n(r.cyclesMean)}` : `does not fit: ${r.over.flash > 0 ? `${n(r.over.flash)} B of flash` : `${n(r.over.ram)} B of RAM`} over`);

function row({ small, fast, bar }: Line): string {
  const peer = bar ? `${n(bar.flash)} (${bar.flashBy})` : "-";
  const speed = bar ? `${n(bar.cycles)} (${bar.cyclesBy})` : "-";
  const ratio = bar ? (small.flash / bar.flash).toFixed(2) : "-";
  const quick = bar && fast.cyclesMean !== null ? (fast.cyclesMean / bar.cycles).toFixed(2) : "-";
  return `| ${small.model} ${small.data} | ${small.chip} | ${small.inputType} | ${cells(small)} | ${cells(fast)} | ${percent(small.agreement)} | ${peer} | ${speed} | ${bar ? percent(bar.agreement) : "-"} | ${ratio} | ${quick} |`;
}

const compared = lines.filter((l): l is Line & { bar: Bar } => l.bar !== null);
const mean = (f: (l: Line & { bar: Bar }) => number): string => Math.exp(compared.reduce((s, l) => s + Math.log(f(l)), 0) / compared.length).toFixed(3);
const misses = compared.flatMap((l) => [
  ...(l.small.flash > l.bar.flash ? [`${l.small.model} ${l.small.data} on ${l.small.chip}: flash`] : []),
  ...((l.fast.cyclesMean ?? Infinity) > l.bar.cycles ? [`${l.small.model} ${l.small.data} on ${l.small.chip}: cycles`] : []),
  ...(Math.min(l.small.agreement, l.fast.agreement) < l.bar.agreement - 1e-9 ? [`${l.small.model} ${l.small.data} on ${l.small.chip}: agreement ${percent(l.small.agreement)} against ${percent(l.bar.agreement)}`] : []),
]);
const alone = lines.filter((l) => l.bar === null);
const unequal = ours.filter((r) => r.fits && !r.equal);

writeFileSync(new URL("../../docs/peers-avr.md", import.meta.url), `<!-- Written by npm run bench:peers. Do not edit. -->
# Beside the peers on AVR

The same trained models (scikit-learn 1.9.1, XGBoost 3.2.0, LightGBM 4.7.0; split 70/30, seed 7) through coincell and through micromlgen 1.1.28 (mml),
m2cgen 0.10.0 (m2c), emlearn 0.23.2 (em) and everywhereml 0.2.40 (eml), on a simulated ATtiny85 and ATmega328P. Flash and static RAM are net of the
same program without a model. Cells: flash / static RAM / stack / mean cycles. A peer counts where it fits and agrees with the model in
at least 97 % of the test rows; its smallest and its fastest variant are named. coincell gets raw inputs and folds the scaler away; peers get
inputs that were scaled beforehand, without being charged for it. Inputs: u8 where the data are whole steps that fit, else i16; the peers' are float or int16.
Agreement: share of test rows whose answer equals the source library's float model. Simulated, not measured on silicon.

- ${compared.length} comparisons. Geometric mean of flash, smallest form against smallest peer: **${mean((l) => l.small.flash / l.bar.flash)}**; of cycles, fastest form against fastest peer: **${mean((l) => (l.fast.cyclesMean ?? 1) / l.bar.cycles)}**.
- Behind the best peer: ${misses.length === 0 ? "in no row, neither in flash, nor in cycles, nor in agreement." : `${misses.join("; ")}.`}
- ${alone.length} further rows no peer fits (or reaches 97 %): ${alone.filter((l) => l.small.fits).length} of them fit with coincell; not: ${alone.filter((l) => !l.small.fits).map((l) => `${l.small.model} ${l.small.data} on ${l.small.chip} (${l.small.why || `${n(l.small.over.flash)} B of flash over`})`).join("; ") || "none"}.
- Every byte of every row equal to the TypeScript reference: ${unequal.length === 0 ? "yes, in all runs" : `NO: ${unequal.map((r) => `${r.model} ${r.data}`).join(", ")}`}.

| model, data | chip | input | small form | fast form | agree % | smallest peer | fastest peer | its agree % | flash ratio | cycle ratio |
|---|---|---|---|---|---|---|---|---|---|---|
${lines.map(row).join("\n")}
`);
process.stdout.write(`docs/peers-avr.md: ${compared.length} comparisons, ${misses.length} misses\n`);
