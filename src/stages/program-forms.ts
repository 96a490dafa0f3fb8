/**
 * The ways a network's program may go through its layers: all of it layer by layer, or its head row by row (`passes/rows.ts`). Each has its own
 * arena, and the choice of kernels is made for each.
 */
import { fail } from "../ir/diagnostics.js";
import type { Program } from "../ir/op.js";
import { rowForms, withRows } from "../passes/rows.js";
import { placeTensors } from "./arena.js";
import type { Compiled, RowChoice } from "./compile.js";

export interface ProgramForm {
  readonly name: string;
  /** With plain kernels; step k computes what step k of the network does. */
  readonly program: Program;
}

const layerByLayer = (program: Program): ProgramForm => ({ name: "layer by layer", program });

function byRows(program: Program): ProgramForm {
  const { steps = 0, resident = true } = program.rows ?? {};
  return { name: `first ${steps === 1 ? "layer" : `${steps} layers`} row by row${resident ? "" : ", input by rows"}`, program };
}

/** The heads that take less memory than every shorter one, with the kernels that need least: the plain ones. */
function stairs(p: Program, choice: Omit<RowChoice, "layers">): readonly ProgramForm[] {
  const out: ProgramForm[] = [];
  let least = choice.resident ? placeTensors(p).arena.bytes : Infinity;
  for (const program of rowForms(p, choice)) {
    const { bytes } = placeTensors(program).arena;
    if (bytes >= least) continue;
    out.push(byRows(program));
    least = bytes;
  }
  return out;
}

/** @throws CoincellError rows/bad-cut where not so many layers can run row by row */
function cutAt(p: Program, layers: number, choice: Omit<RowChoice, "layers">, where: string): ProgramForm {
  const program = withRows(p, layers, choice);
  if (program) return byRows(program);
  const possible = rowForms(p, choice).map((f) => f.rows?.steps ?? 0);
  return fail("rows/bad-cut", where, `the first ${layers} layers cannot run row by row`, possible.length > 0 ? `Possible: ${possible.join(", ")}, least, auto.` : "Leave --rows away: the first layer of this network reads no image.");
}

/**
 * The forms to choose from, the fastest first: costs are measured on the network itself and taken for all.
 * @param wide with those that trade cycles for RAM
 * @throws CoincellError rows/… where what was asked for cannot be
 */
export function programForms(c: Compiled, wide: boolean): readonly ProgramForm[] {
  const { layers = "auto", ...choice } = c.rows ?? { resident: true };
  const where = `${c.graph.name}, --rows ${layers}`;
  if (!c.placed) fail("rows/not-a-network", where, "this is a classical model", "Leave --rows away: it takes no memory to speak of.");
  if (layers === 0) return [layerByLayer(c.program)];
  if (typeof layers === "number") return [cutAt(c.program, layers, choice, where)];
  if (layers === "auto" && choice.resident && !wide) return [layerByLayer(c.program)];
  const rows = stairs(c.program, choice);
  if (!choice.resident && rows.length === 0) fail("rows/no-head", where, `its first layer, ${c.program.steps[0]?.op ?? "none"}, cannot run row by row`, "Supported: one input, then convolutions, pooling and element-wise layers over an image. Leave --by-row away.");
  if (layers === "least") return rows.length > 0 ? rows.slice(-1) : [layerByLayer(c.program)];
  return choice.resident ? [layerByLayer(c.program), ...rows] : rows;
}

/** The network as it was asked for, with plain kernels: its head row by row, its memory planned anew. */
export function asAsked(c: Compiled): Compiled {
  const [form] = c.rows ? programForms(c, false) : [];
  return form && form.program !== c.program ? { ...c, program: form.program, placed: placeTensors(form.program) } : c;
}
