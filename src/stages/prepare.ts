/** What all boards share: the model file read and compiled once, and the rows that calibrate and test it. */
import type { Table } from "../data/table.js";
import { sha256 } from "./certificate.js";
import { compile, type Compiled, type CompileOptions } from "./compile.js";
import { importBytes, importTable, readModel } from "./files.js";

export interface PrepareOptions extends Omit<CompileOptions, "rows"> {
  /** Rows in the model's own units. */
  readonly data?: string;
  /** Typical rows the ranges and widths are chosen from; the test rows themselves when absent. */
  readonly calibrate?: string;
  readonly label?: string;
  /** Columns of the rows that are no inputs. */
  readonly ignore?: readonly string[];
}

export interface Prepared {
  readonly compiled: Compiled;
  /** Rows of `data`. */
  readonly table: Table | null;
  readonly calibration: Table | null;
  /** SHA-256 of the model file. */
  readonly hash: string;
}

/** @throws CoincellError where the model, the rows or the options are at fault. */
export async function prepare(model: string, o: PrepareOptions): Promise<Prepared> {
  const bytes = await readModel(model);
  const graph = importBytes(bytes, model);
  const table = o.data === undefined ? null : await importTable(o.data, graph, o);
  const calibration = o.calibrate === undefined ? table : await importTable(o.calibrate, graph, o);
  return { compiled: compile(graph, { ...o, rows: calibration?.rows ?? null }), table, calibration, hash: sha256(bytes) };
}
