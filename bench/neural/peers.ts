/** Figures of other engines for the same model files: our own measurements of TFLM (`reference/peers-cortex-m.md`), and results published for MLPerf Tiny. */

/** TFLM with CMSIS-NN, -O2, only int8 kernels registered: code without the model, arena and all RAM in bytes, instructions per call. */
export interface Tflm {
  readonly code: number;
  readonly flash: number;
  readonly ram: number;
  readonly instructions: number;
}

export interface Model {
  readonly title: string;
  readonly file: string;
  /** On Cortex-M4F, in QEMU, counted by the same means. */
  readonly tflm: Tflm;
  /** Least published cycles on a Cortex-M4F (NUCLEO-L4R5ZI, MLPerf Tiny closed division, rounds 0.5 to 1.3). */
  readonly published?: { readonly who: string; readonly megacycles: number };
}

const model = (title: string, file: string, code: number, flash: number, ram: number, instructions: number, published?: readonly [string, number]): Model => ({
  title, file, tflm: { code, flash, ram, instructions }, ...(published ? { published: { who: published[0], megacycles: published[1] } } : {}),
});

export const models: readonly Model[] = [
  model("anomaly detection (AD)", "ad01_int8", 29821, 308080, 3488, 582843, ["Plumerai 2023.05", 0.49]),
  model("keyword spotting (KWS)", "kws_ref_model", 55365, 110856, 24300, 7699703, ["X-CUBE-AI 10.2", 5.2]),
  model("image classification (IC)", "pretrainedResnet_quant", 53137, 153188, 56476, 29863110, ["X-CUBE-AI 9.0", 19.82]),
  model("visual wake words (VWW)", "vww_96_int8", 55365, 390208, 102188, 24101476, ["X-CUBE-AI 9.0", 10.67]),
  model("streaming wake word", "str_ww_ref_model", 52785, 128840, 17868, 2226936),
  model("person detection", "person_detect", 45289, 347392, 83792, 22927959),
  model("micro speech", "micro_speech_quantized", 46033, 66332, 8284, 1495339),
  model("hello world", "hello_world_int8", 29821, 33808, 1680, 3492),
];
