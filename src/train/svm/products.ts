/**
 * Inner products of one row with a block of rows: where most of the time of training goes, so in 128-bit WebAssembly, written out
 * below instruction by instruction. Every sum runs over the features in order, as the plain form does: both give the same bits.
 * Source of the encoding: WebAssembly 2.0, chapter 5 (binary format).
 */

/** Rows worked on at once: four registers of two. */
const PANEL = 8;
const PAGE = 65536;

/** Little-endian base 128. */
const leb = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...leb(Math.floor(n / 128))]);
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];
const simd = (op: number, ...rest: readonly number[]): number[] => [0xfd, ...leb(op), ...rest];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
/** local += step, a number below 128 in two bytes. */
const advance = (local: number, step: number): number[] => [...get(local), 0x41, step + 128, 0, 0x6a, ...set(local)];
/** Jumps back while local a < local b. */
const again = (a: number, b: number): number[] => [...get(a), ...get(b), 0x49, 0x0d, 0];

const [ROW, BLOCK, OUT, OUT_END, ROW_END, AT, SUM, VALUE] = [0, 1, 2, 3, 4, 5, 6, 10] as const;
const lanes = [0, 1, 2, 3] as const;

/** (row, block, out, end of out, end of row) in bytes: out[r] = sum over j of row[j] * block[j * 8 + r], panel after panel. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const code = [
    2, 1, 0x7f, 5, 0x7b,
    0x03, 0x40,
    ...lanes.flatMap((k) => [...simd(12, ...Array.from({ length: 16 }, () => 0)), ...set(SUM + k)]),
    ...get(ROW), ...set(AT),
    0x03, 0x40,
    ...get(AT), ...simd(10, 3, 0), ...set(VALUE),
    ...lanes.flatMap((k) => [...get(SUM + k), ...get(VALUE), ...get(BLOCK), ...simd(0, 4, 16 * k), ...simd(0xf2), ...simd(0xf0), ...set(SUM + k)]),
    ...advance(BLOCK, 8 * PANEL), ...advance(AT, 8), ...again(AT, ROW_END), 0x0b,
    ...lanes.flatMap((k) => [...get(OUT), ...get(SUM + k), ...simd(11, 4, 16 * k)]),
    ...advance(OUT, 8 * PANEL), ...again(OUT, OUT_END), 0x0b, 0x0b,
  ];
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]),
    ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

type Kernel = (row: number, block: number, out: number, outEnd: number, rowEnd: number) => void;

/** The same sums in plain JavaScript, for engines without 128-bit WebAssembly; `m` is the memory as doubles, places are in bytes. */
export const plainKernel = (m: Float64Array): Kernel => (row, block, out, outEnd, rowEnd) => {
  for (let o = out / 8, b = block / 8; o < outEnd / 8; o += PANEL) {
    m.fill(0, o, o + PANEL);
    for (let j = row / 8; j < rowEnd / 8; j++, b += PANEL) for (let k = 0; k < PANEL; k++) m[o + k]! += m[j]! * m[b + k]!;
  }
};

interface Engine { readonly memory: { readonly buffer: ArrayBuffer }; grow(pages: number): void; run: Kernel | null }

/** The parts of the engine's WebAssembly that are used; the compiler's own library does not describe it outside browsers. */
interface WasmApi {
  readonly Memory: new (d: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (m: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

let compiled: object | null | undefined;
/** Engines not in use: a memory keeps address space, so that few are made. */
const idle: Engine[] = [];

function makeEngine(): Engine {
  const wasm = (globalThis as unknown as { WebAssembly?: WasmApi }).WebAssembly;
  if (compiled === undefined) {
    try { compiled = wasm ? new wasm.Module(moduleBytes()) : null; } catch { compiled = null; }
  }
  if (wasm && compiled) {
    const memory = new wasm.Memory({ initial: 1 });
    const run = new wasm.Instance(compiled, { m: { m: memory } }).exports["f"] as Kernel;
    return { memory, grow: (pages) => { memory.grow(pages); }, run };
  }
  const memory = { buffer: new ArrayBuffer(PAGE) };
  return { memory, grow: (pages) => { memory.buffer = new ArrayBuffer(memory.buffer.byteLength + pages * PAGE); }, run: null };
}

/** `x` (rows, features); block c holds rows starts[c] .. starts[c + 1]. */
export class BlockProducts {
  private readonly engine: Engine;
  private readonly m: Float64Array;
  private readonly run: Kernel;
  /** Places in the memory, in doubles: the row first, then the sums, then the blocks. */
  private readonly out: number;
  private readonly places: readonly { readonly at: number; readonly padded: number }[];

  constructor(private readonly x: Float64Array, private readonly features: number, starts: ArrayLike<number>, plain = false) {
    const padded = Array.from({ length: starts.length - 1 }, (_, c) => Math.ceil((starts[c + 1]! - starts[c]!) / PANEL) * PANEL);
    this.out = Math.ceil(features / 2) * 2;
    let at = this.out + Math.max(...padded);
    this.places = padded.map((n) => { const place = { at, padded: n }; at += n * features; return place; });
    this.engine = idle.pop() ?? makeEngine();
    const missing = at * 8 - this.engine.memory.buffer.byteLength;
    if (missing > 0) this.engine.grow(Math.ceil(missing / PAGE));
    this.m = new Float64Array(this.engine.memory.buffer);
    this.run = plain || this.engine.run === null ? plainKernel(this.m) : this.engine.run;
    this.places.forEach((p, c) => this.fill(p.at, p.padded, starts[c]!, starts[c + 1]!));
  }

  /** Rows of one block, eight side by side: element j of rows 8p .. 8p + 7 lies at (p * features + j) * 8. */
  private fill(at: number, padded: number, from: number, to: number): void {
    const { m, x, features } = this;
    m.fill(0, at, at + padded * features);
    for (let i = from; i < to; i++) {
      const r = i - from;
      const first = at + (r - (r % PANEL)) * features + (r % PANEL);
      for (let j = 0; j < features; j++) m[first + j * PANEL] = x[i * features + j]!;
    }
  }

  /** Row i times every row of block c; valid until the next call. */
  dots(i: number, c: number): Float64Array {
    const { at, padded } = this.places[c]!;
    this.m.set(this.x.subarray(i * this.features, (i + 1) * this.features));
    this.run(0, at * 8, this.out * 8, (this.out + padded) * 8, this.features * 8);
    return this.m.subarray(this.out, this.out + padded);
  }

  /** Gives the memory back; the object must not be used any more. */
  release(): void {
    idle.push(this.engine);
  }
}
