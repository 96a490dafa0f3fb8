import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe as group, it } from "node:test";
import { zipSync } from "fflate";
import { CoincellError } from "../ir/diagnostics.js";
import { classesOf, clean, describe, foldOf, leakage, readDataset, select, splitOf, splitRows, writeCsv, type Dataset, type ReadOptions } from "./index.js";
import { rowHashes, rowKey } from "./split.js";

const folder = mkdtempSync(join(tmpdir(), "coincell-data-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(content: string | Uint8Array, name = `f${files++}.csv`): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return path;
}
const read = (text: string, o: ReadOptions = {}): Promise<Dataset> => readDataset(file(text), o);
const code = (wanted: string, text: RegExp = /./) => (e: unknown): boolean => {
  assert.ok(e instanceof CoincellError, String(e));
  assert.equal(e.diagnostic.code, wanted, e.message);
  assert.match(e.message, text);
  return true;
};

/** A version 1.0 file, little-endian. */
function npy(descr: string, shape: readonly number[], data: ArrayBufferView, fortran = false): Uint8Array {
  const head = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`.padEnd(117) + "\n";
  const start = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(head.length & 255, head.length >> 8)}${head}`, "latin1");
  return Buffer.concat([start, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

const of = (v: readonly number[]): Uint8Array => npy("<f4", [v.length, 1], Float32Array.from(v));
const y = (v: readonly number[]): Uint8Array => npy("<i8", [v.length], BigInt64Array.from(v.map(BigInt)));

group("CSV", () => {
  it("takes the last column as the label, with or without a header", async () => {
    const named = await read("a,b,kind\n1,2,x\n3,4,y\n");
    assert.deepEqual([named.features, named.label, named.labels, [...named.x]], [["a", "b"], "kind", ["x", "y"], [1, 2, 3, 4]]);
    const bare = await read("1,2,x\n3,4,y\n");
    assert.deepEqual([bare.features, bare.rows, bare.labels], [["f0", "f1"], 2, ["x", "y"]]);
    const counted = await read("0,1,2\n5,6,1\n7,8,0\n");
    assert.equal(counted.rows, 2, "a first line 0,1,2 is pandas' header");
  });

  it("finds a column called label anywhere, and takes roles by name", async () => {
    const d = await read("label,a,who,note\nx,1,p1,hello\ny,2,p2,there\n", { group: "who", ignore: ["note"] });
    assert.deepEqual([d.features, d.labels, d.groups], [["a"], ["x", "y"], ["p1", "p2"]]);
    assert.equal((await read("a,b\n1,2\n3,4\n", { label: "none" })).features.length, 2);
    await assert.rejects(read("a,b\n1,2\n", { label: "c" }), code("data/no-column", /Columns: a, b/));
    await assert.rejects(read("1,2\n3,4\n", { label: "c" }), code("data/no-header"));
    await assert.rejects(read("a,a\n1,2\n"), code("data/column-twice"));
  });

  it("names the line of a bad cell, past comments, empty lines and quoted line breaks", async () => {
    const d = await read('a,b,label\n# a comment\n\n1,2,"x\ny"\n3,oops,y\n4,,y\n5,inf,y\n6,7\n');
    assert.deepEqual(d.problems.map((p) => [p.place.replace(/^.*: /, ""), p.column, p.kind]).toSorted(), [["line 6", "b", "text"], ["line 7", "b", "missing"], ["line 8", "b", "not-finite"], ["line 9", null, "ragged"]]);
    assert.throws(() => clean(d), code("data/ragged", /line 9/));
    const kept = clean(d, "drop");
    assert.equal(kept.data.rows, 1);
    assert.match(kept.notes[0] ?? "", /4 of 5 rows .* were left away/);
  });

  it("a column of texts is an error of its own", async () => {
    const d = await read("a,who,label\n1,ann,x\n2,bob,y\n");
    assert.throws(() => clean(d), code("data/text-column", /--group who/));
  });

  it("refuses what is no table", async () => {
    await assert.rejects(readDataset(file("")), code("data/empty"));
    await assert.rejects(readDataset(file("a,b\n")), code("data/empty"));
    await assert.rejects(readDataset(file(Uint8Array.of(1, 2, 3, 0))), code("data/no-text"));
    await assert.rejects(readDataset(file('a,b\n1,"2\n')), code("data/bad-csv", /line 2/));
    await assert.rejects(readDataset(join(folder, "absent.csv")), code("file/unreadable"));
  });
});

group("folders and arrays", () => {
  it("a folder per class, recordings as groups", async () => {
    for (const [c, v] of [["idle", 0], ["wave", 9]] as const) for (const n of [1, 2]) file(`x,y\n${v},${n}\n${v + 1},${n}\n`, `rec/${c}/${n}.csv`);
    const d = await readDataset(join(folder, "rec"));
    assert.deepEqual([d.features, d.rows, d.label, new Set(d.labels).size, new Set(d.groups).size], [["x", "y"], 8, "class", 2, 4]);
    assert.match(d.places[1] ?? "", /idle.1\.csv: line 3/);
    file("x,z\n1,2\n", "rec/wave/3.csv");
    await assert.rejects(readDataset(join(folder, "rec")), code("data/other-columns"));
    await assert.rejects(readDataset(mkdtempSync(join(folder, "void-"))), code("data/empty-folder"));
  });

  it("a file per class", async () => {
    file("1,2\n3,4\n", "flat/red.csv");
    file("5,6\n", "flat/blue.csv");
    const d = await readDataset(join(folder, "flat"));
    assert.deepEqual([d.rows, d.labels, d.groups], [3, ["blue", "red", "red"], null]);
  });

  it("x.npy with y.npy beside it; orders and types", async () => {
    const x = file(npy("<i2", [2, 3], Int16Array.of(1, 2, 3, -4, 5, 6)), "n/x.npy");
    file(npy("|u1", [2], Uint8Array.of(7, 9)), "n/y.npy");
    const d = await readDataset(x);
    assert.deepEqual([[...d.x], d.labels, d.places[1]?.endsWith("row 2")], [[1, 2, 3, -4, 5, 6], ["7", "9"], true]);
    assert.equal((await readDataset(join(folder, "n"))).rows, 2);
    const turned = await readDataset(file(npy("<f8", [2, 2], Float64Array.of(1, 3, 2, 4), true), "g.npy"), { label: "none" });
    assert.deepEqual([...turned.x], [1, 2, 3, 4]);
    const gaps = await readDataset(file(npy("<f4", [2, 2], Float32Array.of(1, NaN, Infinity, 4)), "h.npy"), { label: "none" });
    assert.deepEqual(gaps.problems.map((p) => p.kind), ["missing", "not-finite"]);
    await assert.rejects(readDataset(file(npy("<f8", [9, 9], Float64Array.of(1)), "cut.npy")), code("data/bad-npy", /cut off/));
    await assert.rejects(readDataset(file(npy("|O", [1], Uint8Array.of(1)), "o.npy")), code("data/bad-npy"));
  });

  it("npz with parts of its own", async () => {
    const d = await readDataset(file(zipSync({ "x_train.npy": of([1, 2, 3]), "y_train.npy": y([0, 1, 0]), "x_test.npy": of([4]), "y_test.npy": y([1]) }), "p.npz"));
    const split = splitOf(d);
    assert.deepEqual([split && [...split.train], split && [...split.test], d.labels], [[0, 1, 2], [3], ["0", "1", "0", "1"]]);
    await assert.rejects(readDataset(file(zipSync({ "odd.npy": of([1]) }), "q.npz")), code("data/bad-npy", /odd/));
  });

  it("Parquet without the package says how to get it", async () => {
    const found = await readDataset(file("PAR1xxxx", "t.parquet")).catch((e: unknown) => e);
    assert.ok(found instanceof CoincellError && ["data/no-parquet", "data/bad-parquet"].includes(found.diagnostic.code));
  });
});

const many = (rows: number): string => `a,b,label\n${Array.from({ length: rows }, (_, i) => `${(i * 37) % 101},${(i * 53) % 97},${i % 3 === 0 ? "x" : "y"}`).join("\n")}\n`;

group("split", () => {
  it("is the same everywhere, whatever else is in the file, and keeps equal rows together", async () => {
    const d = await read(many(400));
    assert.deepEqual([...rowHashes({ x: Float64Array.of(1, 2, -0, 0), rows: 2, features: ["a", "b"] })], [...rowHashes({ x: Float64Array.of(1, 2, 0, -0), rows: 2, features: ["a", "b"] })]);
    // Pinned: FNV-1a over the float32 bytes; a change here moves every user's test rows.
    assert.deepEqual([...rowHashes({ x: Float64Array.of(1, 2), rows: 1, features: ["a", "b"] })], [3090132184]);
    const s = splitRows(d, { share: 0.3, seed: 1 });
    assert.equal(s.train.length + s.test.length, 400);
    assert.ok(s.test.length > 90 && s.test.length < 150, String(s.test.length));
    const half = select(d, Array.from({ length: 200 }, (_, i) => i));
    assert.deepEqual([...splitRows(half, { share: 0.3, seed: 1 }).test], [...s.test].filter((r) => r < 200));
    const twice = select(d, [...Array(50).keys(), ...Array(50).keys()]);
    const t = splitRows(twice, { share: 0.5, seed: 2 });
    assert.equal(leakage(select(twice, t.train), select(twice, t.test)).rows, 0);
    assert.notDeepEqual(splitRows(d, { share: 0.3, seed: 2 }).test, s.test);
    assert.throws(() => splitRows(d, { share: 1, seed: 0 }), code("cli/bad-value"));
  });

  it("keeps groups whole, in splits and folds", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i},${i * 2},p${i % 6},${i % 2}`).join("\n");
    const d = await read(`a,b,who,label\n${rows}\n`, { group: "who" });
    const s = splitRows(d, { share: 0.3, seed: 5 });
    const [train, test] = [new Set([...s.train].map((r) => d.groups?.[r])), new Set([...s.test].map((r) => d.groups?.[r]))];
    assert.equal(test.size, 2);
    assert.ok([...test].every((g) => !train.has(g)));
    const fold = foldOf(d, 3, 1);
    for (const g of new Set(d.groups)) assert.equal(new Set([...fold].filter((_, r) => d.groups?.[r] === g)).size, 1);
    await assert.rejects(async () => splitRows(await read("a,g,l\n1,p,x\n2,p,y\n", { group: "g" }), { share: 0.3, seed: 0 }), code("data/one-group"));
  });

  it("writes what reads back to the same bits", async () => {
    const d = await read("a,b,label\n0.1,1e-7,x\n123456.78,-3.4e38,y\n");
    const again = await read(writeCsv(d));
    assert.deepEqual([rowKey(again, 0), rowKey(again, 1), again.labels], [rowKey(d, 0), rowKey(d, 1), d.labels]);
  });
});

it("describe says what would mislead", async () => {
  const rows = Array.from({ length: 120 }, (_, i) => `${i},5,${i === 3 ? 1 : 0},${(i * 7) % 11},${i < 110 ? "many" : "few"}`);
  const f = describe(await read(`n,c,near,a,label\n${rows.join("\n")}\n${rows[0] ?? ""}\n`));
  assert.deepEqual(f.classes, [{ name: "few", rows: 10 }, { name: "many", rows: 111 }]);
  assert.equal(f.duplicates.rows, 1);
  const all = f.warnings.join("\n");
  for (const wanted of [/constant: c has/, /nearly constant: near/, /unbalanced/, /1 row equals an earlier/]) assert.match(all, wanted);
  assert.match(describe(await read(`n,a,label\n${rows.slice(0, 50).map((_, i) => `${i},${(i * 7) % 11},${i % 2}`).join("\n")}\n`)).warnings.join(), /n counts the rows/);
  assert.match(describe(await read("a,b,label\n1,2,x\n1,2,y\n3,4,x\n")).warnings.join(), /more than one label/);
  assert.equal(describe(await read("a,y\n1,0.5\n2,1.25\n")).task, "regression");
});

it("classes: numbers in their order, texts in theirs", () => {
  assert.deepEqual(classesOf(["10", "2", "2.0", "-1"]), { classes: [-1, 2, 10], y: Float64Array.of(2, 1, 1, 0) });
  assert.deepEqual(classesOf(["b", "a", "10"]).classes, ["10", "a", "b"]);
});
