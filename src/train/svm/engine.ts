/**
 * The three inner loops of training in 128-bit WebAssembly, written out instruction by instruction, and the same in plain JavaScript
 * for engines without it: both give the same bits. Source of the encoding: WebAssembly 2.0, chapter 5 (binary format).
 */
import { plain, type Loops } from "./plain.js";

const I32 = 0x7f;
const F64 = 0x7c;
const V128 = 0x7b;

/** Little-endian base 128. */
const leb = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...leb(Math.floor(n / 128))]);
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];
const list = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const name = (text: string): number[] => list([...text].map((c) => [c.codePointAt(0) ?? 0]));
const simd = (op: number, ...rest: readonly number[]): number[] => [0xfd, ...leb(op), ...rest];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const f64 = (v: number): number[] => [0x44, ...new Uint8Array(Float64Array.of(v).buffer)];
/** local += step, a number below 128 in two bytes. */
const advance = (local: number, step: number): number[] => [...get(local), 0x41, step + 128, 0, 0x6a, ...set(local)];
const loop = (body: readonly number[]): number[] => [0x03, 0x40, ...body, 0x0b];
/** Ends a loop's body: once more while local a < local b. */
const again = (a: number, b: number): number[] => [...get(a), ...get(b), 0x49, 0x0d, 0];
const load = (local: number, offset = 0): number[] => [...get(local), ...simd(0, 4, offset)];
const store = (local: number, value: number, offset = 0): number[] => [...get(local), ...get(value), ...simd(11, 4, offset)];
/** Two float32 as float64. */
const loadPair = (local: number): number[] => [...get(local), ...simd(0x5d, 3, 0), ...simd(0x5f)];
const splat = (v: readonly number[]): number[] => [...v, ...simd(0x14)];
const pick = (chosen: number, other: number, where: number): number[] => [...get(chosen), ...get(other), ...get(where), ...simd(0x52), ...set(other)];
const LT = simd(0x49), GT = simd(0x4a), ABS = simd(0xec), ADD = simd(0xf0), SUB = simd(0xf1), MUL = simd(0xf2), DIV = simd(0xf3), PMAX = simd(0xf7);
/** 0 and 1. */
const FIRST_INDEX = simd(0x0c, ...new Uint8Array(Float64Array.of(0, 1).buffer));

interface Code { readonly name: keyof Loops; readonly params: readonly number[]; readonly vectors: number; readonly body: readonly number[] }

/** out[r] = sum over j of row[j] * block[j * 8 + r], panel after panel of eight rows. */
function dots(): Code {
  const [row, block, out, outEnd, rowEnd, at, sum, value] = [0, 1, 2, 3, 4, 5, 6, 10];
  const lanes = [0, 1, 2, 3];
  return {
    name: "dots", params: [I32, I32, I32, I32, I32, I32], vectors: 5,
    body: loop([
      ...lanes.flatMap((k) => [...splat(f64(0)), ...set(sum + k)]), ...get(row), ...set(at),
      ...loop([
        ...get(at), ...simd(10, 3, 0), ...set(value),
        ...lanes.flatMap((k) => [...get(sum + k), ...get(value), ...load(block, 16 * k), ...MUL, ...ADD, ...set(sum + k)]),
        ...advance(block, 64), ...advance(at, 8), ...again(at, rowEnd),
      ]),
      ...lanes.flatMap((k) => store(out, sum + k, 16 * k)), ...advance(out, 64), ...again(out, outEnd),
    ]),
  };
}

/** g += step * (ki - kj); the smallest g + up, where it is, the largest g + down. */
function scan(): Code {
  const [g, end, up, down, ki, kj, result, step, least, at, most, index, steps, now, where, grown] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
  return {
    name: "scan", params: [I32, I32, I32, I32, I32, I32, I32, F64], vectors: 8,
    body: [
      ...splat(f64(Infinity)), ...set(least), ...splat(f64(-1)), ...set(at), ...splat(f64(-Infinity)), ...set(most), ...FIRST_INDEX, ...set(index), ...splat(get(step)), ...set(steps),
      ...loop([
        ...load(g), ...get(steps), ...loadPair(ki), ...loadPair(kj), ...SUB, ...MUL, ...ADD, ...set(now), ...store(g, now),
        ...get(now), ...load(up), ...ADD, ...set(grown), ...get(grown), ...get(least), ...LT, ...set(where),
        ...pick(grown, least, where), ...pick(index, at, where),
        ...get(most), ...get(now), ...load(down), ...ADD, ...PMAX, ...set(most),
        ...get(index), ...splat(f64(2)), ...ADD, ...set(index),
        ...advance(g, 16), ...advance(up, 16), ...advance(down, 16), ...advance(ki, 8), ...advance(kj, 8), ...again(g, end),
      ]),
      ...store(result, least), ...store(result, at, 16), ...store(result, most, 32),
    ],
  };
}

/** The largest b |b| / max(own + diagonal - 2 k, tau) with b = g + down - from, and where it is; -1 where none is above zero. */
function seek(): Code {
  const [g, end, down, diagonal, k, result, from, own, tau, best, at, index, b, value, where] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
  return {
    name: "seek", params: [I32, I32, I32, I32, I32, I32, F64, F64, F64], vectors: 6,
    body: [
      ...splat(f64(0)), ...set(best), ...splat(f64(-1)), ...set(at), ...FIRST_INDEX, ...set(index),
      ...loop([
        ...load(g), ...load(down), ...ADD, ...splat(get(from)), ...SUB, ...set(b),
        ...get(b), ...get(b), ...ABS, ...MUL,
        ...splat(get(tau)), ...splat(get(own)), ...load(diagonal), ...ADD, ...splat(f64(2)), ...loadPair(k), ...MUL, ...SUB, ...PMAX, ...DIV, ...set(value),
        ...get(value), ...get(best), ...GT, ...set(where), ...pick(value, best, where), ...pick(index, at, where),
        ...get(index), ...splat(f64(2)), ...ADD, ...set(index),
        ...advance(g, 16), ...advance(down, 16), ...advance(diagonal, 16), ...advance(k, 8), ...again(g, end),
      ]),
      ...store(result, best), ...store(result, at, 16),
    ],
  };
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const codes = [dots(), scan(), seek()];
  const bodies = codes.map((c) => [1, c.vectors, V128, ...c.body, 0x0b]);
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(codes.map((c) => [0x60, ...list(c.params.map((p) => [p])), 0]))),
    ...section(2, list([[...name("m"), ...name("m"), 2, 0, 1]])),
    ...section(3, list(codes.map((_, i) => [i]))),
    ...section(7, list(codes.map((c, i) => [...name(c.name), 0, i]))),
    ...section(10, list(bodies.map((b) => [...leb(b.length), ...b]))),
  ]);
}

/** Memory and the loops that work on it; places are in bytes. */
export interface Engine {
  readonly doubles: Float64Array;
  readonly floats: Float32Array;
  readonly loops: Loops;
}

/** The parts of the engine's WebAssembly that are used; the compiler's own library does not describe it outside browsers. */
interface WasmMemory { readonly buffer: ArrayBuffer; grow(pages: number): number }
interface WasmApi {
  readonly Memory: new (d: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (m: object, imports: object) => { readonly exports: unknown };
}

const PAGE = 65536;
const api = (globalThis as unknown as { readonly WebAssembly?: WasmApi }).WebAssembly;
let compiled: object | null | undefined;

interface Kept { readonly memory: WasmMemory; readonly loops: Loops }
/** Memories not in use: each keeps address space, so that few are made. */
const idle: Kept[] = [];

function made(): Kept | null {
  if (compiled === undefined) {
    try { compiled = api ? new api.Module(moduleBytes()) : null; } catch { compiled = null; }
  }
  if (!api || !compiled) return null;
  const memory = new api.Memory({ initial: 1 });
  return { memory, loops: new api.Instance(compiled, { m: { m: memory } }).exports as Loops };
}

/** An engine of at least so many bytes, until `release`. `slow` asks for plain JavaScript. */
export function borrow(bytes: number, slow = false): { readonly engine: Engine; readonly release: () => void } {
  const kept = slow ? null : (idle.pop() ?? made());
  const missing = bytes - (kept?.memory.buffer.byteLength ?? 0);
  if (kept && missing > 0) kept.memory.grow(Math.ceil(missing / PAGE));
  const buffer = kept?.memory.buffer ?? new ArrayBuffer(Math.ceil(bytes / 16) * 16);
  const doubles = new Float64Array(buffer);
  const floats = new Float32Array(buffer);
  return { engine: { doubles, floats, loops: kept?.loops ?? plain(doubles, floats) }, release: () => { if (kept) idle.push(kept); } };
}
