/** Attributes of transpose_conv. */
export type TransposeConvAttrs = {
  readonly strideY: number; readonly strideX: number; readonly top: number; readonly left: number;
  readonly outH: number; readonly outW: number; readonly activation: string;
};
