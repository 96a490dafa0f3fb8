/** Attributes of rectify. */
export type RectifyAttrs = {
  /** Slopes above and below zero. */
  readonly above: number; readonly below: number;
  readonly lo: number; readonly hi: number;
  /** False: the integers are bounded as they stand and mean what they meant, as TFLite Micro's own RELU6 does, whatever the file says of the output's scale. */
  readonly rescale: boolean;
};
