/** Columns that are left away: the named ones, on every line, and nothing else. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { copiesWithout, dropColumns } from "./ignore.js";
import { readTable } from "./table.js";

const folder = mkdtempSync(join(tmpdir(), "coincell-ignore-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("named columns go, comments, quotes, empty lines and line numbers stay", () => {
  const { text, found } = dropColumns("# a, b\n\na,person,b,label\n1,\"Ann, Smith\",2,x\n3,Bob,4,\"y,z\"\n", ["person", "none"]);
  assert.deepEqual(found, ["person"]);
  assert.deepEqual(readTable(text, "t.csv", { features: 2 }).rows.map((r) => [...r]), [[1, 2], [3, 4]]);
  assert.equal(text.split("\n")[4], '3,4,"y,z"');
});

const code = (e: unknown): string => (e instanceof CoincellError ? `${e.diagnostic.code}: ${e.diagnostic.cure}` : String(e));

test("copies: the first file must have the columns, the others may lack them", async () => {
  const [first, second] = [join(folder, "test.csv"), join(folder, "train.csv")];
  writeFileSync(first, "a,who,y\n1,p,u\n");
  writeFileSync(second, "a,y\n2,v\n");
  const [one, two] = await copiesWithout([first, second], ["who"]);
  assert.deepEqual([one, two].map((f) => readFileSync(f ?? "", "utf8").trim()), ["a,y\n1,u", "a,y\n2,v"]);
  assert.match(one ?? "", /test\.csv$/);
  assert.match(await copiesWithout([second], ["who"]).then(() => "none", code), /^data\/no-column: Columns: a, y/);
  assert.match(await copiesWithout([join(folder, "no.csv")], ["who"]).then(() => "none", code), /^file\/unreadable/);
});

test("too many columns: the cure names the option", () => {
  assert.throws(() => readTable("a,b,who,y\n1,2,p,u\n", "t.csv", { features: 2 }), (e) => e instanceof CoincellError && e.diagnostic.cure.includes("--ignore"));
});
