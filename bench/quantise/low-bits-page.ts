/** docs/low-bits.md from the figures of low-bits.ts. */
import type { Figure } from "./low-bits.js";

const whole = (n: number): string => Math.round(n).toLocaleString("en-US");
const titles: Readonly<Record<string, string>> = { kws: "MLPerf Tiny's keyword DS-CNN", resnet: "MLPerf Tiny's ResNet-8" };

function line(f: Figure, all: readonly Figure[]): string {
  const base = all.find((g) => g.network === f.network && g.way === "int8");
  const part = base ? `${Math.round((100 * f.flash.total) / base.flash.total)} %` : "-";
  const bits = f.layers.length > 0 ? f.layers.map((l) => l.bits).join(" ") : "8";
  return `| ${titles[f.network] ?? f.network} | ${f.way} | ${bits} | ${f.seen} | ${f.accuracy.toFixed(2)} | ${(f.accuracy - f.float).toFixed(2)} | ${f.sqnr.toFixed(1)} | ${f.equal.toFixed(1)} | ${whole(f.flash.total)} | ${part} | ${whole(f.flash.weights)} | ${whole(f.flash.code)} | ${whole(f.ram)} | ${(f.instructions / 1e6).toFixed(1)} |`;
}

const floats = (all: readonly Figure[]): string => Object.keys(titles).flatMap((n) => { const f = all.find((g) => g.network === n); return f ? [`${titles[n]} ${f.float.toFixed(2)} on ${f.rows} rows`] : []; }).join(", ");

export const page = (all: readonly Figure[]): string => `<!-- Written by npx tsx bench/quantise/low-bits.ts. Do not edit. -->
# Weights below 8 bits

\`coincell quantise MODEL --calibrate train.csv --label y --weights auto --max-loss 1 -o small.tflite\` gives every layer the width that it can do with;
\`--weights 4\` gives all of them the same; \`--max-flash BYTES\` takes the widths with the least noise that fit. The file is an ordinary int8 .tflite whose
weights happen to fit 6 to 1 bits; \`coincell compile small.tflite --board B --optimise size\` packs them, exactly, and unpacks them while it computes.

## Figures

Right answers in per cent on rows that nothing was fitted to; in float32: ${floats(all)}. "Noise": signal to noise of the logits against float32 in dB;
"equal": answers like float32's in per cent; "rows": those for ranges and rounding. Flash of the linked program with start-up and harness, \`--optimise size\` (-Os) on mps2-an386 (Cortex-M4F), RAM with stack, one
inference in millions of instructions; every byte of the answer compared with the reference. The int8 row is the plain kernels, the smallest that int8 has.

| network | way | bits, layer by layer | rows | right | against float32 | noise | equal | flash | of int8 | of it weights | code | RAM | M instructions |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${all.map((f) => line(f, all)).join("\n")}

The keyword network is MLPerf's own file (its weights were stored in 8 bits already), run on 300 real clips of Speech Commands v2 (\`speech_commands_12\`, 25 for each of 12
words; no speaker is in both parts), through its own MFCC front end (\`bench/quantise/speech.py\`). It was trained on Speech Commands v2 by its authors, so that
clips shown here may have been in its training part: what counts is the distance between the rows, not their height. 300 rows: one row is a third of a point.
ResNet-8 is MLPerf's own file too, on the 600 images of \`cifar10_small\`'s second part (recompressed, so that it is below its published 85 %); one row is a sixth of a point.
Ranges, rounding and widths come from the training parts alone.

## How the weights lie in flash

A weight is \`least + step * u\`; u has the least width that holds all weights of the layer: {-1, 1} takes 1 bit, {-1, 0, 1} and {-3, -1, 1, 3} take 2. A width is a sum of
planes of 4, 2 and 1 bits, so that 5 bits are 4 + 1 and 3 are 2 + 1; a shift and a mask then give four weights in the bytes of a word on every CPU, without a table. A
convolution unpacks the row of one output once for four pixels; a depthwise layer unpacks all of its weights before the first pixel. Biases take 2 bytes where
they fit, and the scales of channels stand on a grid of eighths of an octave, so that all multipliers of a layer are 8 at most and a channel says with one byte
which one is its own and how far it shifts: 3 bytes a channel instead of 9.

## How the numbers become so small

1. Each layer by itself: covariances of the inputs of its weights on typical rows; for each output channel some 12 scales, for each of them rounding with error feedback
   (Babai's nearest plane on the Cholesky factor of the covariance, which is what OBQ and GPTQ compute), the best one refined by single steps until none helps. Means are left to the bias.
2. What a layer's error does to the network's answers is measured with that layer alone in 3 bits; its noise in the other widths follows from its own error.
3. From all at 8 bits downwards, each step the one that saves most flash for the noise it adds; bisection on that path finds the last place that keeps \`--max-loss\` on rows held back.
4. With the widths known, the layers are rounded once more, one after the other, on the inputs that the integer network hands on: each takes back what those before it changed.

All of it is linear algebra on the given rows: no training, no randomness, the same file every time.

## How to make the figures again

    .venv/bin/python bench/quantise/speech.py speech_commands_12 OUT       # the data set unpacked; numpy
    npx tsx bench/quantise/low-bits.ts OUT DATA ../shared/models           # DATA: cifar10_small unpacked
`;
