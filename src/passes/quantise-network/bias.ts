/** Bias correction: rounding the weights moves the mean of a channel; the bias takes it back. */
import type { AnyNode, Graph, Tensor } from "../../ir/types.js";
import type { Corrections } from "./build.js";
import type { Calibration } from "./calibrate.js";
import type { Scales } from "./groups.js";
import { opOf, tensorAt, weightedOf } from "./layers.js";
import { byteWeights, weightError } from "./weights.js";

/** Mean over positions of what the weights' error adds to each channel, on the mean input. */
function shiftOf(graph: Graph, n: AnyNode, calibration: Calibration, scales: Scales): Float64Array | null {
  const l = weightedOf(n);
  const mean = l && calibration.means.get(l.x);
  if (!l || !mean) return null;
  const [x, w, y] = [l.x, l.w, l.y].map((t) => tensorAt(graph, t)) as [Tensor, Tensor, Tensor];
  const bytes = byteWeights(w, l.outputs, null, scales(l.x, "i8").scale[0] ?? 1);
  const io = { inputs: [x, w], outputs: [y] };
  const attrs = "activation" in n.attrs ? { ...n.attrs, activation: "none" } : n.attrs;
  const [moved] = opOf(n).float(attrs, [mean, weightError(w, bytes, l.outputs)], io);
  const channels = w.shape[l.outputs] ?? 1;
  const shift = new Float64Array(channels);
  moved?.forEach((v, i) => { shift[i % channels]! -= (v * channels) / moved.length; });
  return shift;
}

export const corrections = (graph: Graph, calibration: Calibration, scales: Scales): Corrections =>
  new Map(graph.nodes.flatMap((n) => { const s = shiftOf(graph, n, calibration, scales); return s ? [[n, s] as const] : []; }));
