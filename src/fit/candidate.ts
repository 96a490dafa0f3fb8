/** A measured configuration as a candidate of the report: energy, limits, and a name of its own. */
import { createHash } from "node:crypto";
import { findBoard } from "../boards/index.js";
import type { Bind, FitCandidate, FitPruned } from "../report/pareto-types.js";
import type { RunReport } from "../report/types.js";
import type { Measured, MeasureJob, Setting, Validated } from "./jobs.js";
import { bindsOf, energyOf } from "./limits.js";
import { configKey, type Config } from "./space.js";
import { bindText } from "./why.js";

export interface Trial extends Validated { readonly config: Config }

/** The same for every run of a configuration in one form; how many rows ran does not change it. */
export const candidateId = (job: MeasureJob): string => createHash("sha256").update(JSON.stringify([configKey(job.config), job.input, job.goal])).digest("hex").slice(0, 8);

export function candidateOf(s: Setting, trial: Trial, job: MeasureJob, m: Measured, report: RunReport): FitCandidate {
  const energy = energyOf(findBoard(s.board), report.cycles?.mean ?? null, s.limits);
  const binds = bindsOf(report, energy, s.limits);
  return {
    ...report, task: s.rows.task, accuracy: s.rows.task === "classification" ? m.tested : report.accuracy, agreement: m.agreement, figures: m.figures,
    id: candidateId(job), family: job.config.family, hyper: job.config.hyper, input: job.input, goal: job.goal, validated: trial.score - (1 - m.agreement), tested: m.tested, testRows: m.testRows,
    energy, binds, fits: report.fits && report.equal && binds.length === 0, front: false, behind: 0, doubt: 0,
  };
}

export const prunedOf = (config: Config, validated: number | null, bind: Bind): FitPruned => ({ ...config, validated, why: bindText(bind, true), bind });
