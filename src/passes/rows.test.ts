/** Row streaming: which rows are kept, that the plan holds (byte by byte, against a memory that remembers what was put where), and what cannot run row by row. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Program, Step } from "../ir/op.js";
import type { Attrs, DType, Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { placeTensors } from "../stages/arena.js";
import { memoryOf } from "./memory.js";
import { rowForms, withRows } from "./rows.js";
import { runRows } from "./rows-schedule.js";

const quant = { scale: [0.05], zero: [-3] } as const;
const image = (h: number, w: number, c: number, dtype: DType = "i8"): Tensor => ({ name: `${h}x${w}x${c}`, dtype, shape: [1, h, w, c], ...(dtype === "f32" ? {} : { quant }) });

interface Layer { readonly op: string; readonly attrs: Attrs; readonly inputs: readonly number[]; readonly constants?: readonly Tensor[] }

const weights = (shape: readonly number[], axis: number): Tensor => ({ name: "w", dtype: "i8", shape, data: new Int8Array(shape.reduce((a, b) => a * b, 1)).fill(3), quant: { scale: [0.01], zero: [0], axis } });
const window = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "none" } as const;
const same = { ...window, top: 1, left: 1, bottom: 1, right: 1 } as const;
const conv = (x: number, channels: number, out: number, size: number, attrs: Attrs = same): Layer => ({ op: "conv_2d", attrs: { ...attrs, groups: 1 }, inputs: [x], constants: [weights([out, size, size, channels], 0)] });
const depthwise = (x: number, channels: number, attrs: Attrs = same): Layer => ({ op: "depthwise_conv_2d", attrs, inputs: [x], constants: [weights([1, 3, 3, channels], 3)] });
const add = (a: number, b: number): Layer => ({ op: "add", attrs: { subtract: false, activation: "none" }, inputs: [a, b] });

/** Layer k makes tensor k + 1. */
function network(x: Tensor, layers: readonly Layer[]): Program {
  const tensors = [x];
  const steps = layers.map((l, k): Step => {
    const [op, inputs] = [findOp(l.op), [...l.inputs.map((t) => tensors[t] as Tensor), ...(l.constants ?? [])]];
    const [shape = []] = op.infer(l.attrs, inputs.map((t) => t.shape));
    const y: Tensor = { name: `t${k + 1}`, dtype: x.dtype, shape, quant };
    const made = op.prepare?.({ attrs: l.attrs, arithmetic: "int", inputs, outputs: [y], inputStats: [], outputStats: [], perElementOutput: false, level: 0 });
    tensors.push(y);
    return { name: l.op, op: l.op, params: made?.params ?? {}, inputs: l.inputs, outputs: [k + 1] };
  });
  const scores = steps.length;
  return {
    name: "t", task: "transform", labels: [], featureNames: [], arithmetic: "int", tensors, steps, input: 0, moreInputs: [], moreOutputs: [], label: null,
    scores, scoresView: tensors[scores] as Tensor, host: [], source: "",
  };
}

const rooms = (p: Program | null): readonly number[] => p?.rows?.lines.map((l) => l.room) ?? [];

/** What lies in every byte of a memory: line and row, or whatever else. */
type Memory = (string | undefined)[];

/**
 * Runs the schedule over a memory that remembers, with the offsets of the plan.
 * @returns what was read and was not there any more
 */
function readsGoneWrong(p: Program, offsets: ReadonlyMap<number, number>): readonly string[] {
  const h = p.rows;
  assert.ok(h);
  const [memory, wrong]: [Memory, string[]] = [[], []];
  const write = (at: number, bytes: number, what: string): void => { for (let i = 0; i < bytes; i++) memory[at + i] = `${what}+${i}`; };
  const check = (at: number, bytes: number, what: string): void => { for (let i = 0; i < bytes; i++) if (memory[at + i] !== `${what}+${i}`) { wrong.push(`${what} at ${at}: ${memory[at + i]}`); return; } };
  const place = (k: number): number => offsets.get(h.lines[k]?.tensor ?? -1) ?? NaN;
  const [input] = h.lines;
  assert.ok(input);
  const whole = offsets.get(p.input);
  const count = input.inside - input.above;
  if (h.resident && whole !== undefined) for (let y = 0; y < count; y++) write(whole + y * input.bytes, input.bytes, `input ${y}`);
  let pushed = 0;
  const held = h.lines.map((l) => l.above);
  const made = h.lines.map((l) => l.above);
  h.lines.forEach((l, k) => { for (let r = 0; r < l.above; r++) write(place(k) + r * l.bytes, l.bytes, `line ${k} row ${r}`); });
  /** Brings the memory of line k to what the schedule says it holds: rows moved down, rows added. */
  const follow = (k: number, s: { readonly made: readonly number[]; readonly held: readonly number[] }): void => {
    const line = h.lines[k];
    assert.ok(line);
    const [now, before] = [[s.made[k] as number, s.held[k] as number], [made[k] as number, held[k] as number]] as const;
    const gone = (now[0] - now[1]) - (before[0] - before[1]);
    if (gone > 0) for (let i = 0; i < (before[1] - gone) * line.bytes; i++) memory[place(k) + i] = memory[place(k) + gone * line.bytes + i];
    for (let r = before[0]; r < now[0]; r++) if (gone > 0 || r >= line.inside) write(place(k) + (now[1] - (now[0] - r)) * line.bytes, line.bytes, `line ${k} row ${r}`);
    [made[k], held[k]] = [now[0], now[1]];
  };
  runRows(h, {
    push: (s) => {
      if (h.resident && whole !== undefined) check(whole + pushed * input.bytes, input.bytes, `input ${pushed}`);
      write(place(0) + (s.held[0] as number) * input.bytes, input.bytes, `line 0 row ${s.made[0]}`);
      pushed++;
    },
    step: (k, s) => {
      const line = h.lines[k];
      assert.ok(line);
      for (const e of line.inputs.filter((i) => i >= 0)) {
        const edge = h.edges[e];
        assert.ok(edge);
        const from = h.lines[edge.source];
        assert.ok(from);
        const first = s.next[e] as number;
        for (let r = first; r < first + edge.window; r++) check(place(edge.source) + (r - ((s.made[edge.source] as number) - (s.held[edge.source] as number))) * from.bytes, from.bytes, `line ${edge.source} row ${r}`);
      }
      for (let r = 0; r < line.each; r++) write(place(k) + ((s.held[k] as number) + r) * line.bytes, line.bytes, `line ${k} row ${(s.made[k] as number) + r}`);
    },
    changed: follow,
  });
  const last = h.lines.at(-1);
  assert.ok(last);
  for (let r = 0; r < last.inside; r++) check(place(h.steps) + r * last.bytes, last.bytes, `line ${h.steps} row ${r}`);
  return wrong;
}

const chain = network(image(12, 6, 3), [conv(0, 3, 4, 3), depthwise(1, 4), conv(2, 4, 8, 1, window), depthwise(3, 8, { ...window, strideY: 2, strideX: 2, bottom: 1, right: 1 }), conv(4, 8, 8, 1, window)]);
const skip = network(image(10, 5, 4), [conv(0, 4, 4, 3), conv(1, 4, 4, 3), conv(2, 4, 4, 3), add(1, 3), conv(4, 4, 6, 3, { ...same, strideY: 2, strideX: 2 }), conv(4, 4, 6, 1, { ...window, strideY: 2, strideX: 2 }), add(5, 6)]);
const cases = [["a chain", chain], ["a skip", skip]] as const;

test("a line holds the rows of its window, and one where every row is used up at once", () => {
  assert.deepEqual(rooms(withRows(chain, 5)), [3, 3, 1, 3, 1, 6]);
});

test("a branch that is skipped costs no more rows than the layers beside it need, and a stride no more than its window", () => {
  assert.deepEqual(rooms(withRows(skip, 7)), [3, 3, 3, 1, 3, 1, 1, 5]);
});

test("rows above and below the image are filled with the zero point", () => {
  const lines = withRows(chain, 4)?.rows?.lines ?? [];
  assert.deepEqual(lines.map((l) => [l.above, l.inside, l.total]), [[1, 13, 14], [1, 13, 14], [0, 12, 12], [0, 12, 13], [0, 6, 6]]);
  assert.ok(lines.slice(0, 2).every((l) => l.fill === quant.zero[0]));
});

for (const [title, p] of cases) {
  for (const each of [1, 2, 3]) {
    for (const resident of [true, false]) {
      test(`${title}, ${each} rows a call, input ${resident ? "resident" : "row by row"}: every row is still there when it is read`, () => {
        const forms = rowForms(p, { each, resident });
        assert.ok(forms.length >= 4);
        for (const f of forms) {
          const disjoint = [...memoryOf(f).storage];
          let end = 0;
          const apart = new Map(disjoint.map((s) => { const at = end; end += s.bytes; return [s.id, at] as const; }));
          assert.deepEqual(readsGoneWrong(f, apart).slice(0, 3), [], "the schedule itself");
          assert.deepEqual(readsGoneWrong(f, placeTensors(f).arena.offsets).slice(0, 3), [], `${f.rows?.steps} layers, as planned`);
        }
      });
    }
  }
}

test("a line moved by one row into another one is found out", () => {
  const f = withRows(chain, 5);
  assert.ok(f?.rows);
  const { offsets } = placeTensors(f).arena;
  const line = f.rows.lines[3];
  assert.ok(line);
  const wrong = [-line.bytes, line.bytes].flatMap((d) => readsGoneWrong(f, new Map([...offsets].map(([t, at]) => [t, t === line.tensor ? at + d : at]))));
  assert.notDeepEqual(wrong, []);
});

test("less memory than layer by layer, and least where the rows of the input are handed over", () => {
  const least = (resident: boolean): number => Math.min(...rowForms(chain, { resident }).map((f) => placeTensors(f).arena.bytes));
  assert.ok(least(true) < placeTensors(chain).arena.bytes);
  assert.ok(least(false) < least(true));
});

test("a head ends where an operator does not say how it runs row by row, or where one row is left", () => {
  const softmax: Layer = { op: "softmax", attrs: { beta: 1 }, inputs: [1] };
  assert.deepEqual(rowForms({ ...chain, steps: [...chain.steps.slice(0, 1), { ...(chain.steps[1] as Step), op: softmax.op, params: {} }] }).map((f) => f.rows?.steps), [1]);
  const whole = network(image(6, 4, 3), [conv(0, 3, 4, 3), { op: "average_pool_2d", attrs: { ...window, kernelY: 6, kernelX: 4 }, inputs: [1] }, conv(2, 4, 4, 1, window)]);
  assert.deepEqual(rowForms(whole).map((f) => f.rows?.steps), [1, 2]);
  assert.equal(withRows(whole, 2)?.steps[1]?.variant, "rows");
});

const pool = (op: string): Program => network(image(6, 4, 3), [{ op, attrs: { ...same, kernelY: 3, kernelX: 3 }, inputs: [0] }]);

test("a pool that leaves out what is above the image cannot be told of rows there", () => {
  assert.equal(withRows(pool("average_pool_2d"), 1), null);
  assert.equal(withRows(pool("max_pool_2d"), 1)?.rows?.lines[0]?.fill, -128);
});

test("an input that is read behind the head, or a second input, keeps a network as it is", () => {
  const twice = network(image(6, 4, 4), [conv(0, 4, 4, 3), add(0, 1)]);
  assert.equal(withRows(twice, 1), null);
  assert.ok(withRows(twice, 2));
  assert.deepEqual(rowForms({ ...twice, moreInputs: [1] }), []);
});

