/** The hash of the code: it changes with what can change a result, with nothing else, and costs little. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeHash, hashOfCode } from "./code.js";
import { scratch } from "./testing.js";

test("a changed learner or kernel is other code; tests, reports and notes are not", () => {
  const root = scratch();
  const put = (file: string, text: string): string => {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), text);
    return hashOfCode(root);
  };
  const first = put("train/tree.js", "depth = 8");
  const other = put("train/tree.js", "depth = 9");
  assert.notEqual(other, first);
  assert.equal(put("train/tree.js", "depth = 8"), first);
  for (const file of ["train/tree.test.js", "train/tree.d.ts", "report/page.js", "cli/verbs/fit.js", "notes.md"]) assert.equal(put(file, "anything"), first, file);
  assert.notEqual(put("ops/linear/kernel.c", "int x;"), first);
  const before = hashOfCode(root);
  assert.notEqual(put("ops/cli/kernel.c", "int x;"), before, "only the rooms of that name at the top are left out");
});

test("the hash of this package is cheap", () => {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    hashOfCode(new URL("..", import.meta.url).pathname);
    return performance.now() - start;
  });
  assert.ok(Math.min(...times) < 30, `${Math.min(...times)} ms`);
  assert.match(codeHash(), /^[0-9a-f]{40}$/);
});
