/** Rows for a model: which column is the label, which are no inputs, and what a table of another width is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { readTable } from "./table.js";

const rows = (text: string, features: number, ignore?: readonly string[]): number[][] => readTable(text, "t.csv", { features, ...(ignore ? { ignore } : {}) }).rows.map((r) => [...r]);

test("named columns are no inputs; the label is the last of the others", () => {
  const t = readTable("# a, b\n\na,b,label,person\n1,2,x,\"Ann, Smith\"\n3,4,y,Bob\n", "t.csv", { features: 2, ignore: ["person", "none"] });
  assert.deepEqual(t.rows.map((r) => [...r]), [[1, 2], [3, 4]]);
  assert.deepEqual(t.labels, ["x", "y"]);
  assert.deepEqual(t.features, ["a", "b"]);
});

test("a numeric column can be left away too, and without a label", () => assert.deepEqual(rows("a,person,b\n1,7,2\n3,8,4\n", 2, ["person"]), [[1, 2], [3, 4]]));

test("too many columns: the cure names the option", () => {
  assert.throws(() => rows("a,b,who,y\n1,2,p,u\n", 2), (e) => e instanceof CoincellError && e.diagnostic.cure.includes("--ignore"));
});
