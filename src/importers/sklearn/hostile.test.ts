/** Bombs, cycles and lies: each must end in a diagnostic, soon and small. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { CoincellError } from "../../ir/diagnostics.js";
import { readSklearn, sniffSklearn } from "./index.js";
import { bytes, refuses, repeat, u32, withX } from "./testing.js";

const dtype = (name: string): Uint8Array => bytes("cnumpy\ndtype\nU", name.length, name, "K\0K\x01\x87R");
const fromBuffer = (...rest: readonly (string | number | Uint8Array)[]): Uint8Array => withX("cnumpy.core.numeric\n_frombuffer\n(", ...rest, "U\x01CtR");
const damaged = "sklearn/damaged-file";
const large = "sklearn/too-large";

const CASES: Readonly<Record<string, readonly [string, () => Uint8Array]>> = {
  "a list in itself": [damaged, () => withX("]q\0h\0a")],
  "a dict in itself": [damaged, () => withX("}q\0U\x01ah\0s")],
  "an object in its own state": [damaged, () => bytes("\x80\x04ca\nC\n)\x81q\0}U\x01xh\0sb.")],
  "lists that double 99 times": [large, () => withX("]q\0", ...Array.from({ length: 99 }, (_, i) => bytes("0]q", i + 1, "h", i, "ah", i, "a")))],
  "two million lists": [large, () => withX("](", repeat(bytes("]\x94"), 2_000_000), "e")],
  "two million objects": [large, () => withX("](ca\nb\nq\0", repeat(bytes("h\0)R"), 2_000_000), "e")],
  "five million opcodes": [large, () => withX("](", repeat(bytes("N"), 5_000_000), "e")],
  "objects that share one large state": [large, () => withX("}(", Buffer.concat(Array.from({ length: 100_000 }, (_, i) => bytes("U\x06", String(100_000 + i), "N"))),
    "uq\x000](", repeat(bytes("ca\nb\n)\x81h\0b"), 30_000), "e")],
  "an absurd shape": [damaged, () => fromBuffer("C\x04abcd", dtype("f4"), "J", u32(0x7fffffff), "J", u32(0x7fffffff), "\x86")],
  "a negative shape": [damaged, () => fromBuffer("C\x04abcd", dtype("f4"), "J", u32(0xffffffff), "\x85")],
  "elements of no size": [large, () => fromBuffer("C\0", dtype("S0"), "J", u32(0x7fffffff), "\x85")],
  "one buffer for many arrays": [large, () => withX("B", u32(8_000_000), new Uint8Array(8_000_000), "q\x000", dtype("f8"), "q\x010J", u32(1_000_000),
    "\x85q\x020](cnumpy.core.numeric\n_frombuffer\nq\x030", repeat(bytes("h\x03(h\0h\x01h\x02U\x01CtR"), 100), "e")],
  "a million nested lists": [large, () => withX(repeat(bytes("]"), 1_000_000), repeat(bytes("a"), 999_999))],
  "three hundred nested lists": [large, () => withX(repeat(bytes("]"), 300), repeat(bytes("a"), 299))],
  "a field outside its record": [damaged, () => withX("cnumpy\ndtype\nU\x02V8K\0K\x01\x87R(K\x03U\x01|NU\x01a\x85}U\x01a", dtype("f8"), "K\x04\x86sK\x08K\x01K\0tb")],
  "a huge integer": [damaged, () => withX("\x8b", u32(0x7fffffff), "aaaa")],
  "an integer of negative length": [damaged, () => withX("\x8b", u32(0xffffffff), "aaaa")],
  "a string of negative length": [damaged, () => withX("T", u32(0xffffffff), "aaaa")],
  "bytes longer than the file": [damaged, () => withX("\x8e", repeat(bytes(255), 8), "aaaa")],
  "a zlib bomb": [large, () => deflateSync(new Uint8Array(200 * 2 ** 20))],
  "a gzip bomb": [large, () => gzipSync(new Uint8Array(200 * 2 ** 20))],
  "a zip bomb": [large, () => zipSync({ "schema.json": new Uint8Array(80 * 2 ** 20) })],
  "a schema of open brackets": [large, () => zipSync({ "schema.json": strToU8("[".repeat(5_000_000)) })],
  "a deep schema": [large, () => zipSync({ "schema.json": strToU8('{"__loader__":"ListNode","content":['.repeat(100_000) + "]}".repeat(100_000)) })],
  "pickles in pickles": [large, () => withX(repeat(bytes("cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(U\x05dtype", dtype("O8"), "U\x05shapeK\x01\x85ub\x80\x02"), 100))],
};

for (const [name, [code, make]] of Object.entries(CASES)) {
  test(name, () => {
    const file = make();
    refuses(code, () => readSklearn(file, "x.pkl"));
  });
}

test("a truncated or flipped small pickle gives a value or a diagnostic", () => {
  const file = withX("cnumpy.core.numeric\n_frombuffer\n(C\x08abcdefgh", dtype("f4"), "K\x02\x85U\x01CtRq\0](h\0}U\x01kK\x01sU\x02ab\x8a\x02\xff\x01e");
  assert.equal(sniffSklearn(file), true);
  for (let cut = 0; cut < file.length; cut++) refuses(undefined, () => readSklearn(file.slice(0, cut), "x.pkl"));
  for (let bit = 0; bit < file.length * 8; bit++) {
    const copy = file.slice();
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      readSklearn(copy, "x.pkl");
    } catch (e) {
      assert.ok(e instanceof CoincellError, String(e));
    }
  }
});
