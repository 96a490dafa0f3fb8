/** Why nothing better was chosen, in words with numbers. */
import { figure, percent, time, whole } from "../report/format.js";
import { energyText, hyperText, scoreText } from "../report/pareto.js";
import type { Bind, FitCandidate, FitPruned } from "../report/pareto-types.js";
import { nearest } from "./rank.js";

const amount = (b: Pick<Bind, "unit">, n: number): string => (b.unit === "µs" ? time(n) : b.unit === "days" ? `${figure(n)} days` : `${whole(n)} bytes`);

const names: Readonly<Record<Bind["limit"], string>> = { flash: "flash", ram: "RAM", stack: "stack", latency: "latency", battery: "battery life" };

export function bindText(b: Bind, atLeast = false): string {
  const how = b.limit === "battery" ? `${amount(b, b.over)} too short` : `${amount(b, b.over)} too ${b.limit === "latency" ? "slow" : "many"}`;
  return `${names[b.limit]} ${atLeast ? "at least " : ""}${amount(b, b.value)} of ${amount(b, b.allowed)}, ${how}`;
}

export const nameOf = (c: { readonly family: string; readonly hyper: FitCandidate["hyper"] }): string => `${c.family} (${hyperText(c.hyper)})`;

const candidateText = (c: FitCandidate): string => `${nameOf(c)}: ${scoreText(c.task, c.validated)} validated, ${c.binds.map((b) => bindText(b)).join("; ")}${c.difference === null ? "" : "; its answer on the board differs from the reference"}`;

/** How many of the better ones are named. */
const NAMED = 3;

/** The better ones that do not fit, the best of them first. */
export function whyNotBetter(best: FitCandidate, candidates: readonly FitCandidate[], pruned: readonly FitPruned[]): readonly string[] {
  const measured = candidates.filter((c) => !c.fits && c.validated > best.validated).map((c) => ({ name: nameOf(c), score: c.validated, text: candidateText(c) }));
  const bounded = pruned.filter((p) => p.bind !== null && p.validated !== null && p.validated > best.validated).map((p) => ({ name: nameOf(p), score: p.validated ?? 0, text: `${nameOf(p)}: ${scoreText(best.task, p.validated ?? 0)} validated, ${p.bind ? bindText(p.bind, true) : p.why}` }));
  // Of several forms of a model the one that ranks best speaks for all.
  const named = new Map([...measured, ...bounded].toReversed().map((m) => [m.name, m]));
  const all = [...named.values()].toReversed().toSorted((a, b) => b.score - a.score);
  // Every one that fits and validates better is within one standard error, or it would have been chosen.
  const near = new Set(candidates.filter((c) => c.fits && c.validated > best.validated).map(nameOf)).size;
  if (near > 0) all.push({ name: "", score: -Infinity, text: `${near} that ${near === 1 ? "fits validates" : "fit validate"} better, within one standard error, and ${near === 1 ? "needs" : "need"} more energy` });
  if (all.length === 0) return ["no candidate that was tried validates better"];
  return [...all.slice(0, NAMED).map((a) => a.text), ...(all.length > NAMED ? [`and ${all.length - NAMED} more that validate better and do not fit`] : [])];
}

/** Less than this part of its energy saved is not worth a line. */
const WORTH_A_LINE = 0.67;


function besides(c: FitCandidate, best: FitCandidate, what: string): string {
  const score = `${scoreText(c.task, c.validated)} validated${c.tested === null ? "" : `, ${scoreText(c.task, c.tested)} on the rows kept apart`}`;
  const times = c.cycles && best.cycles ? best.cycles.mean / c.cycles.mean : 1;
  const change = times > 1.05 ? `${figure(times)} times less` : times < 0.95 ? `${figure(1 / times)} times more` : "as much";
  const cycles = c.cycles ? `${whole(c.cycles.mean)} cycles${c.energy ? ` and ${energyText(c)}` : ""} (${change}), ` : "";
  return `${what}: ${nameOf(c)}: ${score}; ${cycles}${whole(c.flash.total)} bytes`;
}

/** The fitting ones that another would choose: the best validated figure, and the least energy within two standard errors of it. */
export function alsoGood(best: FitCandidate, candidates: readonly FitCandidate[]): readonly string[] {
  const fitting = candidates.filter((c) => c.fits && c.id !== best.id);
  const top = fitting.filter((c) => c.behind === 0 && c.validated > best.validated)[0];
  const frugal = fitting.filter((c) => c.behind <= 2 * c.doubt && c.cycles && best.cycles && c.cycles.mean < WORTH_A_LINE * best.cycles.mean).toSorted((a, b) => (a.cycles?.mean ?? 0) - (b.cycles?.mean ?? 0))[0];
  return [...(top ? [besides(top, best, `validates best, by ${points(best.behind, best.task)}, with a standard error of ${points(best.doubt, best.task)}`)] : []), ...(frugal ? [besides(frugal, best, "least energy within two standard errors")] : [])];
}

const points = (v: number, task: FitCandidate["task"]): string => (task === "classification" ? percent(v) : v.toFixed(4));

/** Where no limit is to blame: what most of the configurations failed of. */
function commonest(pruned: readonly FitPruned[]): string {
  const counts = new Map<string, number>();
  for (const { why } of pruned) counts.set(why, (counts.get(why) ?? 0) + 1);
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return most ? `no candidate could be made; ${most[1]} of ${pruned.length} failed with: ${most[0]}` : "no candidate was finished";
}

/** Which limit binds, how often, and what comes nearest. */
export function whyNothing(candidates: readonly FitCandidate[], pruned: readonly FitPruned[]): readonly string[] {
  const binds = [...candidates.map((c) => c.binds), ...pruned.flatMap((p) => (p.bind ? [[p.bind]] : []))];
  if (binds.length === 0) return [commonest(pruned)];
  const counts = Object.keys(names).map((l) => ({ l: names[l as Bind["limit"]], n: binds.filter((b) => b.some((x) => x.limit === l)).length })).filter(({ n }) => n > 0);
  const close = nearest(candidates);
  const bound = nearest(pruned.map((p) => ({ ...p, binds: p.bind ? [p.bind] : [] })));
  return [
    `of ${binds.length} candidates none fits: ${counts.map(({ l, n }) => `${l} binds ${n}`).join(", ")}`,
    ...(close ? [`nearest: ${candidateText(close)}`] : bound ? [`nearest: ${nameOf(bound)}: ${bound.bind ? bindText(bound.bind, true) : ""}`] : []),
  ];
}
