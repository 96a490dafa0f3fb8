/** What a run measured: the document `--json` prints and every report is drawn from. */

export interface Spread { readonly min: number; readonly mean: number; readonly max: number }

/** The first layer of a network that the device computes otherwise, and the first element in its output. */
export interface LayerFault {
  readonly layer: number;
  readonly name: string;
  readonly op: string;
  readonly index: number;
  readonly device: number;
  readonly reference: number;
}

/** First place where the device and the reference differ; `golden`: where the reference (`device`) differs from the golden outputs. */
export interface Difference {
  readonly row: number;
  readonly what: "answer" | "scores" | "golden";
  readonly index: number;
  readonly device: number;
  readonly reference: number;
  /** Networks: where the difference begins. */
  readonly layer?: LayerFault | null;
}

/** A kernel that suits a layer, and what the layer takes with it. */
export interface KernelReport {
  /** Null: the plain one. */
  readonly kernel: string | null;
  /** Measured for one row, before the choice was made; null where nothing was counted. */
  readonly instructions: number | null;
  readonly cycles: number | null;
  /** Bytes of its arrays in flash. */
  readonly constants: number;
  readonly scratch: number;
  /** Bytes of tensors and scratch alive while the layer runs. */
  readonly ram: number;
}

/** One layer of a network. */
export interface LayerReport {
  readonly name: string;
  readonly op: string;
  /** The kernel, where it is not the plain one. */
  readonly kernel?: string;
  /** All that were weighed against each other, the plain one first; absent where no layer had a choice. */
  readonly kernels?: readonly KernelReport[];
  readonly shapes: { readonly inputs: readonly (readonly number[])[]; readonly output: readonly number[] };
  /** Element type of the output. */
  readonly type: string;
  readonly macs: number;
  /** Measured on the board for the first row; null where nothing is counted. */
  readonly instructions: number | null;
  readonly cycles: number | null;
  /** Constants of the layer. */
  readonly weightBytes: number;
  readonly outputBytes: number;
  /** Where the output lies in the network's memory, and the first and last step in which it is needed. */
  readonly offset: number;
  readonly first: number;
  readonly last: number;
}

/** Bytes of the network's memory that one tensor takes while it lives; step -1 is the input, `steps` the output. */
export interface MemoryBlock {
  readonly name: string;
  readonly kind: "input" | "layer" | "state" | "scratch";
  readonly bytes: number;
  readonly offset: number;
  readonly first: number;
  readonly last: number;
}

export interface MemoryMap {
  readonly bytes: number;
  /** Least bytes any placement could have. */
  readonly bound: number;
  readonly steps: number;
  readonly blocks: readonly MemoryBlock[];
}

/** What was proven, by SHA-256 of everything that took part. */
export interface Certificate {
  readonly tool: string;
  readonly board: string;
  readonly compiler: string | null;
  readonly simulator: string;
  /** Null where the model did not come from a file. */
  readonly model: string | null;
  readonly source: string;
  readonly elf: string;
  readonly inputs: string;
  /** All rows of all outputs, as the board gave them; null where it did not run. */
  readonly outputs: string | null;
  readonly reference: string;
  /** Golden outputs, where some were given. */
  readonly golden: string | null;
  readonly rows: number;
  readonly equal: boolean;
  /** Of all the fields above. */
  readonly hash: string;
}

export interface RunReport {
  readonly model: string;
  readonly source: string;
  readonly task: string;
  readonly board: string;
  readonly samples: number;
  /** Share of right labels; null without labels. Regression: null (see `error`). */
  readonly accuracy: number | null;
  /** Share of answers equal to the float model's (regression: within 0.5 % of its range). */
  readonly agreement: number;
  /** Regression only, in the model's units, against the labels (null without labels) and against the float model. */
  readonly error: { readonly meanAbsolute: number | null; readonly rSquared: number | null; readonly againstFloat: number } | null;
  /** Every byte of every row equals the TypeScript reference. */
  readonly equal: boolean;
  readonly difference: Difference | null;
  /** Bytes. `model`: emitted code, data and what they pull from the C library; `harness`: start-up and test frame; `weights`: constants, `code`: the rest of `model`. */
  readonly flash: { readonly code?: number; readonly weights?: number; readonly model: number; readonly harness: number; readonly total: number; readonly limit: number | null };
  /**
   * Bytes. `static`: the model's own; `input`: the row of inputs; `stack`: deepest, of the whole call. Networks: `activations`: the
   * memory of all tensors as planned, `bound`: the least any plan could need, `scratch`: the most one step needs besides tensors. */
  readonly ram: { readonly activations?: number; readonly bound?: number; readonly scratch?: number; readonly static: number; readonly input: number; readonly stack: number | null; readonly total: number; readonly limit: number | null };
  /** Executed instructions of a call; absent or null where the board counts none. */
  readonly instructions?: Spread | null;
  readonly cycles: Spread | null;
  readonly microseconds: Spread | null;
  readonly fits: boolean;
  /** By how much a program that does not fit exceeds the board. */
  readonly over: { readonly flash: number; readonly ram: number };
  /** How it was made: form of the kernels, compiler optimisation, input type, arithmetic, types of every step. */
  readonly choice: { readonly form: string; readonly optimise: string; readonly inputType: string; readonly arithmetic: string; readonly steps: readonly string[] };
  readonly labels: readonly (string | number)[];
  /** confusion[true][answered]; null without labels. */
  readonly confusion: readonly (readonly number[])[] | null;
  readonly notes: readonly string[];
  /** The rows were random: legal inputs, but nothing the model was made for, so that its agreement says nothing. */
  readonly random?: true;
  /** Networks only. */
  readonly perLayer?: readonly LayerReport[];
  readonly memoryMap?: MemoryMap;
  readonly certificate?: Certificate;
}

export interface Prediction {
  /** Label, or the value of a regression. */
  readonly answer: string | number;
  readonly scores: readonly number[];
}
