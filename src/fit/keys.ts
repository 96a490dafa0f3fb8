/** What a finished job hangs on: the key under which the store keeps it. */
import { createHash } from "node:crypto";
import { findBoard, toolchains } from "../boards/index.js";
import type { Bases } from "./ask.js";
import { codeHash } from "./code.js";
import type { Setting } from "./jobs.js";
import type { Rows } from "./rows.js";

const digest = (...parts: readonly (string | ArrayBufferView)[]): string => {
  const h = createHash("sha256");
  for (const p of parts) h.update(typeof p === "string" ? `${p}\n` : new Uint8Array(p.buffer, p.byteOffset, p.byteLength));
  return h.digest("hex");
};

/** Everything a result hangs on beside the configuration itself. Limits other than flash and RAM are judged afterwards. */
export async function basesOf(s: Setting, code = codeHash()): Promise<Bases> {
  const board = findBoard(s.board);
  const validate = digest(code, String(s.seed), hashOfRows(s.rows));
  const compiler = await (toolchains.find((t) => t.name === board.toolchain)?.version() ?? null);
  return { validate, measure: digest(validate, JSON.stringify([board, compiler, s.limits.flash, s.limits.ram])) };
}

/** Everything that is learnt from, judged on, or tested on. */
export function hashOfRows({ train, test, folds, task, strange }: Rows): string {
  const odd = strange ? [JSON.stringify([strange.threshold, strange.normal, strange.data.labels, strange.data.groups]), strange.x, strange.data.x] : [];
  return digest(task, JSON.stringify([train.features, train.classes, test.labels]), train.x, train.y ?? "", folds, ...test.rows, ...odd);
}
