/** Which layers are refused, all of them named at once, each with what could stand in its place. */
import { fail } from "../../ir/diagnostics.js";
import { netLowerings } from "../network.js";
import { clip } from "./limits.js";

/** Types that the importer itself takes apart. */
const WRAPPERS = ["InputLayer", "Bidirectional", "TimeDistributed", "Sequential", "Functional", "Model"] as const;

const instead: readonly (readonly [RegExp, string])[] = [
  [/^(Lambda|TFOpLambda|SlicingOpLambda)$/, "Rescaling, Multiply, Add, Reshape or Activation (a Lambda is Python code, which is never run)"],
  [/Attention/, "GlobalAveragePooling1D, Conv1D or GRU"],
  [/^ConvLSTM/, "TimeDistributed(Dense) and LSTM, or Conv2D over stacked frames"],
  [/^(Conv3D|MaxPooling3D|AveragePooling3D|GlobalAveragePooling3D|GlobalMaxPooling3D)/, "the 2D layer of the same kind"],
  [/^(GroupNormalization|UnitNormalization|SpectralNormalization|RMSNormalization)$/, "BatchNormalization or LayerNormalization"],
  [/^Random|^(Resizing|CenterCrop)$/, "nothing: leave image preparation out of the model that is saved"],
  [/^(StringLookup|IntegerLookup|TextVectorization|Hashing|HashedCrossing|CategoryEncoding|Discretization)$/, "nothing: prepare the data before the model"],
  [/^(RNN|StackedRNNCells)$/, "LSTM, GRU or SimpleRNN"],
  [/^Masking$/, "sequences of fixed length"],
  [/^Adaptive/, "a pooling layer of fixed size"],
];

const cure = (type: string): string => instead.find(([pattern]) => pattern.test(type))?.[1] ?? "layers of the list below";

export function refuseUnsupported(layers: readonly { readonly type: string; readonly name: string }[], file: string): void {
  const supported: readonly string[] = [...netLowerings("keras").keys(), ...WRAPPERS];
  const missing = layers.filter((l) => !supported.includes(l.type));
  if (missing.length === 0) return;
  const types = [...new Set(missing.map((l) => l.type))];
  const named = types.slice(0, 12).map((t) => `${clip(t)} (${missing.filter((l) => l.type === t).map((l) => clip(l.name)).slice(0, 3).join(", ")})`);
  const cures = types.slice(0, 12).map((t) => `${clip(t)}: ${cure(t)}`);
  fail("keras/unsupported-layer", file, `${missing.length} of ${layers.length - 1} layers are of types that coincell does not know: ${named.join("; ")}`, `Put in their place: ${cures.join("; ")}. Supported: ${[...supported].sort().join(", ")}.`);
}
