/** `coincell boards`: the facts of every board, and what is measured and what is estimated on it. */
import { exit } from "../exit.js";
import { printJson } from "../io.js";
import { defineVerb } from "../verb.js";
import { boards } from "../../pipeline.js";

type Board = (typeof boards)[number];

const cycleTexts = {
  exact: "cycles exact (cycle-true simulator)",
  modelled: "cycles estimated from a timing table",
  instructions: "instructions counted, no cycle table for this core",
  none: "time of this computer only, no cycles",
} as const satisfies Record<Board["cycles"], string>;

function madeWith(b: Board): string {
  if (b.toolchain === "none") return "nothing that can be installed here: neither built nor run";
  if (b.simulator === "none") return `${b.toolchain}; not run`;
  return `${b.toolchain}, run on ${b.simulator}${b.machine === undefined ? "" : ` (${b.machine})`}: ${cycleTexts[b.cycles]}`;
}

/** What a run on the board measures, and what it can only estimate. */
function trust(b: Board): { readonly measured: readonly string[]; readonly estimated: readonly string[] } {
  if (b.toolchain === "none") return { measured: [], estimated: [] };
  const sizes = ["flash", "static RAM"];
  if (b.simulator === "none") return { measured: sizes, estimated: [] };
  const chip = b.memory !== null;
  const cycles = b.cycles === "exact" ? ["cycles", "time at the given clock"] : [];
  const counted = b.cycles === "instructions" || b.cycles === "modelled";
  return {
    measured: ["answers of every row", ...sizes, ...(chip ? ["stack"] : []), ...cycles, ...(counted ? ["instructions"] : []), ...(chip ? [] : ["time on this computer"])],
    estimated: [...(b.cycles === "modelled" ? ["cycles", "time"] : []), ...(b.cycles !== "instructions" && b.currents.some((c) => c.mode === "active") ? ["energy (from published currents)"] : [])],
  };
}

const bytes = (n: number | null): string => (n === null ? "no limit known" : n % 1024 === 0 && n >= 1024 ? `${n / 1024} KiB` : `${n} B`);
const clock = (hz: number | null): string => (hz === null ? "" : `, ${hz / 1e6} MHz`);

function text(b: Board): string {
  const { measured, estimated } = trust(b);
  const names = [b.name, ...b.aliases].join(" = ");
  const core = [b.core, b.hardwareMultiply ? "multiplier" : "no multiplier", b.fpu ? "FPU" : "no FPU"].join(", ");
  const flash = b.chipFlashBytes !== null && b.chipFlashBytes !== b.flashBytes ? `${bytes(b.flashBytes)} of ${bytes(b.chipFlashBytes)}` : bytes(b.flashBytes);
  return [
    `${names}: ${b.title}`,
    `  core       ${core}${clock(b.clockHz)}`,
    `  memory     flash ${flash}, RAM ${bytes(b.ramBytes)}`,
    `  made with  ${madeWith(b)}`,
    ...(measured.length > 0 ? [`  measured   ${measured.join(", ")}`] : []),
    ...(estimated.length > 0 ? [`  estimated  ${estimated.join(", ")}`] : []),
    ...(b.note === "" ? [] : [`  note       ${b.note}`]),
  ].join("\n");
}

export const verb = defineVerb({
  name: "boards",
  about: "Lists the boards with their facts, and says what is measured and what is only estimated on each.",
  positional: null,
  options: {},
  examples: ["coincell boards", "coincell boards --json"],
  async run({ options: o }, io) {
    if (o.json) printJson(io, { boards: boards.map((b) => ({ ...b, ...trust(b) })) });
    else io.out(`${boards.map(text).join("\n\n")}\n`);
    return exit.ok;
  },
});
