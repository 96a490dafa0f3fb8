/**
 * The search: many configurations judged cheaply on a part of the rows, the better ones cross-validated, the best of those
 * really compiled and run. Successive halving after Jamieson and Talwalkar (2016); half of the places are for the best of the
 * families, half for fronts of accuracy against size and work, so that small and quick models survive beside good ones.
 */
import { findBoard } from "../boards/index.js";
import type { Bind, FitCandidate, FitPruned } from "../report/pareto-types.js";
import type { Learner } from "../train/learner.js";
import type { Asker, Deadline, Finished } from "./ask.js";
import { candidateId, candidateOf, prunedOf, type Trial } from "./candidate.js";
import type { InputChoice, MeasureJob, Outcome, Measured, Setting, Validated } from "./jobs.js";
import { limitedBoard } from "./limits.js";
import { mixed, pairedError, places, ranked, type Doubts } from "./rank.js";
import { configKey, firstConfigs, neighbourConfigs, type Config } from "./space.js";

export interface SearchOptions {
  readonly mode: "first" | "front";
  readonly setting: Setting;
  readonly families: readonly Learner[];
  readonly asker: Asker;
  readonly signal: AbortSignal;
  /** Ms of the clock at the start and at the end; Infinity without a budget. */
  readonly start: number;
  readonly end: number;
  readonly jobs: number;
  /** Scales the number of configurations; 1 is the usual search. */
  readonly effort: number;
  readonly onProgress?: OnProgress;
}

/** `last` is the job that has just come to its end. */
export type OnProgress = (phase: Phase, done: number, total: number, last: Finished | null) => void;

export type Phase = "trained on a part" | "cross-validated" | "compiled and run" | "integers validated" | "refined";

export interface Found {
  readonly best: FitCandidate | null;
  /** Best first. */
  readonly candidates: readonly FitCandidate[];
  readonly pruned: readonly FitPruned[];
}

/** Configurations of a family that the first rung looks at, of their neighbours, and of those that are cross-validated. */
const FIRST = 24;
const NEIGHBOURS = 64;
const SECOND = 72;
/** Measured again in other forms: for speed, with other inputs. */
const REFINED = 16;
/** After the first, which is to be there soon, so many are measured for speed first, and for size when they are refined: energy decides between equals, and a budget may end before. */
const QUICK = 8;
/** Standard errors below the best within which a model will do where there is no time for the best. */
const NEAR = 4;
/** Cross-validated as integers, of those that could be chosen. */
const SETTLED = 12;
/** Of those that are too large, so many are named with a validated accuracy. */
const LARGE = 4;

/**
 * Parts of a budget, counted from the first answer, at whose end no more work of the phase is begun: more than half of it
 * goes to compiling and running the best so far, whatever the machine's speed.
 */
const until = { first: 0.17, neighbours: 0.23, second: 0.4, measure: 0.7, refine: 0.82, settle: 0.88 } as const;
/** Part of a budget that a phase waits for what still runs at its end; what takes longer is given up. About the cost of a new process. */
const GRACE = 0.08;

class Search {
  private readonly pruned: FitPruned[] = [];
  /** Too large already when learnt from a part of the rows. */
  private readonly large: Trial[] = [];
  private readonly measured = new Map<string, FitCandidate>();
  /** Which rows a candidate answered right when it was validated, and the standard error of its figure; by id. */
  private readonly judged = new Map<string, Pick<Validated, "right" | "error"> & Partial<Pick<Validated, "score">>>();

  /** Ms of the clock when work began: what processes take to start is no part of a phase. */
  private begun: number | null = null;

  constructor(private readonly o: SearchOptions) {}

  private deadline(phase: keyof typeof until): Deadline {
    const { start, end } = this.o;
    const at = (part: number): number => (end === Infinity ? Infinity : (this.begun ?? start) + (end - (this.begun ?? start)) * part);
    return { begin: () => at(until[phase]), wait: () => at(until[phase] + GRACE) };
  }

  /** Also takes the time of the first answer. */
  private telling(phase: Phase): (done: number, total: number, last: Finished) => void {
    return (done, total, last) => {
      this.begun ??= Date.now();
      this.o.onProgress?.(phase, done, total, last);
    };
  }

  private async validate(phase: keyof typeof until, configs: readonly Config[], rung: 0 | 1): Promise<readonly Trial[]> {
    const answers = await this.o.asker.askAll(configs.map((config) => ({ kind: "validate" as const, config, rung })), this.deadline(phase), this.telling(rung === 0 ? "trained on a part" : "cross-validated"));
    return configs.flatMap((config, i) => this.trialOf(config, answers[i] ?? null, rung));
  }

  /** A configuration that fails, or whose constants alone are too large, leaves the search with its reason. */
  private trialOf(config: Config, answer: Outcome<Validated> | null, rung: 0 | 1): readonly Trial[] {
    if (answer === null) return [];
    if (!answer.ok) {
      this.pruned.push({ ...config, validated: null, why: `${answer.error.what} (${answer.error.code})`, bind: null });
      return [];
    }
    const { flashBytes } = limitedBoard(findBoard(this.o.setting.board), this.o.setting.limits);
    const { score, bytes } = answer.value;
    if (flashBytes === null || bytes <= flashBytes) return [{ config, ...answer.value }];
    // Learnt from fewer rows, a model is smaller than it will be.
    if (rung === 0) this.large.push({ config, ...answer.value });
    else this.pruned.push(prunedOf(config, score, overFlash(bytes, flashBytes)));
    return [];
  }

  /** Cross-validated configurations, best first. */
  async validated(): Promise<readonly Trial[]> {
    const { families, setting: { seed } } = this.o;
    const many = (n: number): number => Math.max(1, Math.round(n * this.o.effort));
    const configs = firstConfigs(families, many(FIRST), seed);
    const first = await this.validate("first", configs, 0);
    const known = new Set(configs.map(configKey));
    const near = neighbourConfigs(places(first, goods, many(NEIGHBOURS / 4)).map((t) => t.config), families, known, many(NEIGHBOURS), seed);
    const all = distinct([...first, ...await this.validate("neighbours", near, 0)]);
    const second = await this.validate("second", [...places(all, goods, many(SECOND)), ...this.largeOnes()].map((t) => t.config), 1);
    // A budget may end before all are cross-validated: what is left is not compared with them, unless there is nothing else.
    return distinct(second.length > 0 ? second : all).toSorted((a, b) => b.score - a.score || a.bytes - b.bytes || (configKey(a.config) < configKey(b.config) ? -1 : 1));
  }

  /** The best of what is too large are cross-validated too, so that the report can say what would be better and what it lacks. */
  private largeOnes(): readonly Trial[] {
    const { flashBytes } = limitedBoard(findBoard(this.o.setting.board), this.o.setting.limits);
    const best = distinct(this.large).toSorted((a, b) => b.score - a.score || (configKey(a.config) < configKey(b.config) ? -1 : 1));
    for (const t of best.slice(LARGE)) this.pruned.push(prunedOf(t.config, null, overFlash(t.bytes, flashBytes ?? 0)));
    return best.slice(0, LARGE);
  }

  private take(trial: Trial, job: MeasureJob, answer: Outcome<Measured> | null): FitCandidate | null {
    if (answer === null) return null;
    if (!answer.ok) {
      this.pruned.push({ ...trial.config, validated: trial.score, why: `${answer.error.what} (${answer.error.code})`, bind: null });
      return null;
    }
    if (answer.value.report === null) {
      if (answer.value.bound) this.pruned.push(prunedOf(trial.config, trial.score, answer.value.bound));
      return null;
    }
    const candidate = this.asSettled(candidateOf(this.o.setting, trial, job, answer.value, answer.value.report), trial);
    this.measured.set(candidate.id, candidate);
    return candidate;
  }

  /** What is known of the integer model stands; until then every answer that differs from the float model's counts as wrong. */
  private asSettled(c: FitCandidate, trial: Trial): FitCandidate {
    const known = this.judged.get(c.id);
    if (known?.score === undefined) this.judged.set(c.id, { right: trial.right, error: trial.error });
    return known?.score === undefined ? c : { ...c, validated: known.score };
  }

  /** Cross-validates the integers of those that could be chosen if no answer that differs were wrong. */
  private async settle(trials: readonly Trial[]): Promise<void> {
    const floor = this.ranked().find((c) => c.fits);
    if (!floor) return;
    const trialOf = new Map(trials.map((t) => [configKey(t.config), t]));
    const open = [...this.measured.values()].flatMap((c) => {
      const trial = trialOf.get(configKey(c));
      return trial && c.fits && c.agreement < 1 && this.judged.get(c.id)?.score === undefined && trial.score >= floor.validated - trial.error ? [{ c, trial }] : [];
    });
    const asked = open.toSorted((a, b) => b.trial.score - a.trial.score || (a.c.id < b.c.id ? -1 : 1)).slice(0, SETTLED);
    // Forms of one model with the same inputs are the same integers.
    const jobs = [...new Map(asked.map(({ c }) => [keyOf(c), { kind: "validate" as const, config: { family: c.family, hyper: c.hyper }, rung: 1 as const, integer: c.input }])).entries()];
    const answers = await this.o.asker.askAll(jobs.map(([, job]) => job), this.deadline("settle"), this.telling("integers validated"));
    const known = new Map(jobs.flatMap(([key], i) => { const a = answers[i]; return a?.ok ? [[key, a.value] as const] : []; }));
    for (const c of this.measured.values()) {
      const v = known.get(keyOf(c));
      if (!v) continue;
      this.judged.set(c.id, v);
      this.measured.set(c.id, { ...c, validated: v.score });
    }
  }

  private async measureAll(phase: "measure" | "refine" | "settle", tries: readonly { readonly trial: Trial; readonly job: MeasureJob }[]): Promise<readonly (FitCandidate | null)[]> {
    const answers = await this.o.asker.askAll(tries.map((t) => t.job), this.deadline(phase), this.telling(phase === "refine" ? "refined" : "compiled and run"));
    return tries.map((t, i) => this.take(t.trial, t.job, answers[i] ?? null));
  }

  /** Batches in order of merit until one fits; what a batch holds beyond the first that fits was not needed and is left out. */
  async firstThatFits(trials: readonly Trial[]): Promise<readonly Trial[]> {
    const { jobs } = this.o;
    for (let at = 0; at < trials.length; at += jobs) {
      const batch = trials.slice(at, at + jobs);
      const tell = this.telling("compiled and run");
      const answers = await this.o.asker.askAll(batch.map((t) => sized(t)), this.deadline("measure"), (done, _, last) => tell(at + done, trials.length, last));
      for (const [i, trial] of batch.entries()) {
        const found = this.take(trial, sized(trial), answers[i] ?? null);
        // What is only too slow may be fast enough in another form.
        const quick = found && !found.fits && found.binds.every((b) => b.limit === "latency" || b.limit === "battery") ? (await this.measureAll("measure", [{ trial, job: fast(trial) }]))[0] : null;
        if (found?.fits || quick?.fits) return [trial];
      }
      if (answers.includes(null)) break;
    }
    return [];
  }

  /** On a machine that is too slow for the better ones, any that fits is more than none: small models compile and run soonest. */
  private async cheapest(trials: readonly Trial[]): Promise<void> {
    if (this.o.end === Infinity) return;
    const [top] = trials;
    const near = trials.filter((t) => top && t.score >= top.score - NEAR * top.error).toSorted((a, b) => a.bytes + a.work - b.bytes - b.work || b.score - a.score);
    await this.measureAll("settle", near.slice(0, this.o.jobs + 1).map((trial) => ({ trial, job: sized(trial) })));
  }

  async frontOf(trials: readonly Trial[]): Promise<readonly Trial[]> {
    const order = mixed(trials);
    const found = await this.measureAll("measure", order.map((trial, i) => ({ trial, job: i > 0 && i <= QUICK ? fast(trial) : sized(trial) })));
    if (![...this.measured.values()].some((c) => c.fits)) await this.cheapest(trials.filter((t) => !found.some((c, i) => c && order[i] === t)));
    const trialOf = new Map(found.flatMap((c, i) => (c ? [[c.id, order[i] as Trial]] : [])));
    const good = this.ranked().filter((c) => c.front || slowOnly(c));
    return good.slice(0, REFINED).flatMap((c) => trialOf.get(c.id) ?? []);
  }

  /** The same models for speed, and with other inputs than the first choice. */
  async refine(trials: readonly Trial[]): Promise<void> {
    const others = trials.flatMap((trial) => {
      const first = this.measured.get(candidateId(fast(trial))) ?? this.measured.get(candidateId(sized(trial)));
      const inputs: readonly InputChoice[] = first?.choice.inputType === "i16" ? ["u8", ...(trial.readsF32 ? ["f32" as const] : [])] : [];
      return this.o.mode === "front" ? inputs.map((input) => ({ trial, job: { ...sized(trial), input } })) : [];
    });
    const forms = [...trials.map((trial) => ({ trial, job: fast(trial) })), ...others, ...trials.map((trial) => ({ trial, job: sized(trial) }))];
    await this.measureAll("refine", forms.filter(({ job }) => !this.measured.has(candidateId(job))));
  }

  private ranked(): readonly FitCandidate[] {
    const rows = this.o.setting.rows.train.rows;
    const rightOf = (c: FitCandidate): string | null => this.judged.get(c.id)?.right ?? null;
    const doubts: Doubts = { between: (a, b) => pairedError(rightOf(a), rightOf(b), rows), of: (c) => (rightOf(c) === null ? 0 : (this.judged.get(c.id)?.error ?? 0)) };
    return ranked([...this.measured.values()], doubts);
  }

  /** Every row on the board for the one that is chosen; one that then breaks a limit gives its place to the next. */
  private async confirm(trials: readonly Trial[]): Promise<FitCandidate | null> {
    for (;;) {
      const best = this.ranked().find((c) => c.fits);
      if (!best || best.samples === best.testRows) return best ?? null;
      const trial = trials.find((t) => configKey(t.config) === configKey(best));
      const job: MeasureJob = { kind: "measure", config: { family: best.family, hyper: best.hyper }, input: best.input, goal: best.goal, rows: "all" };
      const answer = trial && await this.o.asker.ask(job);
      // Without the time for every row the rows that did run must do; the report says how many they were.
      if (!trial || !answer) return best;
      if (!this.take(trial, job, answer)) this.measured.delete(best.id);
    }
  }

  async run(): Promise<Found> {
    const trials = await this.validated();
    await this.refine(await (this.o.mode === "first" ? this.firstThatFits(trials) : this.frontOf(trials)));
    await this.settle(trials);
    const best = await this.confirm(trials);
    const candidates = this.ranked();
    return { best: best && (candidates.find((c) => c.id === best.id) ?? null), candidates, pruned: this.pruned };
  }
}

/** The first of those that learnt the same. */
const distinct = (trials: readonly Trial[]): readonly Trial[] => [...new Map(trials.toReversed().map((t) => [t.print, t])).values()].toReversed();
const overFlash = (value: number, allowed: number): Bind => ({ limit: "flash", unit: "bytes", value, allowed, over: value - allowed });
const keyOf = (c: FitCandidate): string => `${configKey(c)} ${c.input}`;
const goods = (t: Trial): readonly number[] => [t.score, -t.bytes, -t.work];
const sized = (t: Trial): MeasureJob => ({ kind: "measure", config: t.config, input: "auto", goal: "size", rows: "thin" });
const fast = (t: Trial): MeasureJob => ({ ...sized(t), goal: "speed" });
const slowOnly = (c: FitCandidate): boolean => c.binds.length > 0 && c.binds.every((b) => b.limit === "latency" || b.limit === "battery");

export const search = (o: SearchOptions): Promise<Found> => new Search(o).run();
