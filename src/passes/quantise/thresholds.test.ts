/** Thresholds of trees as integers: against brute force over every value an input can have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { anyDouble, random } from "../../../test/support/random.js";
import { runtimeHeader } from "../../assets.js";
import { buildProgram, findBoard, runProgram } from "../../boards/index.js";
import { without } from "../../boards/testing.js";
import { limits, type IntDType, type Tensor } from "../../ir/types.js";
import { floorF32Bits, floorThreshold } from "../../ops/classical/tree_ensemble/encode.js";

const f32 = new Float32Array(1);
const bits = new Int32Array(f32.buffer);
const fromBits = (b: number): number => { bits[0] = b; return f32[0] ?? 0; };
const toBits = (v: number): number => { f32[0] = v; return bits[0] ?? 0; };

/** The question a tree asks, and the one the device asks instead, for every integer of the type. */
function check(t: number, scale: number, zero: number, dtype: IntDType, inputF32: boolean): void {
  const x: Tensor = { name: "x", dtype, shape: [1], quant: { scale: [scale], zero: [zero] } };
  const at = floorThreshold(t, x, 0, inputF32);
  const [lo, hi] = limits(dtype);
  for (let q = lo; q <= hi; q++) {
    const real = inputF32 ? Math.fround(scale * (q - zero)) : scale * (q - zero);
    assert.equal(q <= at, real <= t, `${dtype} ${q} (${real}) against ${t}: scale ${scale}, zero ${zero}, threshold ${at}`);
  }
}

for (const dtype of ["u8", "i8"] as const) {
  test(`floorThreshold of all ${dtype} values`, () => {
    const r = random(17);
    for (let k = 0; k < 1500; k++) {
      const scale = k % 3 === 0 ? r.pick([1, 0.5, 0.1, 1 / 3, 10]) : 10 ** r.between(-8, 8);
      const zero = k % 2 === 0 ? r.below(300) - 150 : r.normal() * 1000;
      // Half of the thresholds lie exactly on a value, or next to it.
      const on = scale * (r.below(256) - (dtype === "u8" ? 0 : 128) - zero);
      const t = r.pick([on, Math.fround(on), fromBits(toBits(on) + 1), fromBits(toBits(on) - 1), on + scale / 2, scale * r.normal() * 200, anyDouble(r), 1e300, -1e300, 0]);
      if (Number.isFinite(t)) check(t, scale, zero, dtype, k % 5 !== 0);
    }
  });
}

test("floorThreshold of i16 at its borders", () => {
  const r = random(18);
  for (let k = 0; k < 12; k++) {
    const scale = 10 ** r.between(-5, 3);
    const zero = r.below(2000) - 1000;
    check(r.pick([scale * (32767 - zero), scale * (-32768 - zero), scale * (-32769 - zero), scale * (32768 - zero), scale * r.normal() * 9000]), scale, zero, "i16", k % 2 === 0);
  }
});

/** Values around which floats change sign, exponent or kind. */
const EDGES = [0, -0, 5e-324, -5e-324, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), 2 ** -126 - 2 ** -149, 1, -1, 3.4028234663852886e38, -3.4028234663852886e38, 1e39, -1e39, 1e300, -1e300, 2 ** -150, -(2 ** -150), 2 ** -151];

test("floorF32Bits is the largest float32 that is not above", () => {
  const r = random(5);
  for (let k = 0; k < 40_000; k++) {
    const t = EDGES[k] ?? (k % 2 ? anyDouble(r) : Math.fround(r.normal()) + r.pick([0, 1e-12, -1e-12]));
    const b = floorF32Bits(t);
    const v = fromBits(b);
    assert.ok(v <= t, `${t}: ${v} is above`);
    assert.ok(!Object.is(v, -0), `${t}: minus zero`);
    const next = v === 0 ? 2 ** -149 : v === -Infinity ? -3.4028234663852886e38 : fromBits(v > 0 ? b + 1 : b - 1);
    if (v !== Infinity) assert.ok(next > t || (next === 0 && v < 0 && t < 0), `${t}: ${v} is not the largest, ${next} is not above either`);
  }
});

test("cell_le_float orders floats as floats do", { skip: without("gcc") }, async () => {
  const r = random(6);
  const pairs = Array.from({ length: 30_000 }, (_, k): readonly [number, number] => {
    const n = EDGES.length;
    const x = k < n * n ? Math.fround(EDGES[Math.floor(k / n)] ?? 0) : Math.fround(anyDouble(r));
    const t = k < n * n ? (EDGES[k % n] ?? 0) : r.next() < 0.3 ? fromBits(toBits(x) + r.below(3) - 1) : anyDouble(r);
    return [x, Number.isNaN(t) ? 0 : t];
  }).filter(([x]) => Number.isFinite(x));
  const text = `${runtimeHeader()}\nvoid cell_entry(const void *in, void *out);\nvoid cell_entry(const void *in, void *out)\n{\n    float x;\n    int32_t t;\n    memcpy(&x, in, 4);\n    memcpy(&t, (const char *)in + 4, 4);\n    *(uint8_t *)out = cell_le_float(x, t);\n}\n`;
  const built = await buildProgram({ board: findBoard("host"), files: new Map([["entry.c", text]]), inBytes: 8, outBytes: 1, sanitize: true });
  const rows = new DataView(new ArrayBuffer(pairs.length * 8));
  pairs.forEach(([x, t], i) => { rows.setFloat32(i * 8, x, true); rows.setInt32(i * 8 + 4, floorF32Bits(t), true); });
  const { outputs } = await runProgram(built, new Uint8Array(rows.buffer));
  pairs.forEach(([x, t], i) => assert.equal(outputs[i]?.[0], x <= t ? 1 : 0, `${x} <= ${t}`));
});
