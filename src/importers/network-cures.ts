/** What to do about an operator that coincell does not know, by its foreign name. */

const cures: readonly (readonly [RegExp, string])[] = [
  [/^CUSTOM Flex|^Flex/, "convert with TFLITE_BUILTINS alone: select TensorFlow operators need all of TensorFlow"],
  [/^(IF|WHILE|Loop|Scan|If)$/, "export without control flow: unroll the loop (unroll=True in recurrent layers), keep one branch"],
  [/LSTM|RNN|GRU/, "use one forward layer of the plain form, exported with its own operator"],
  [/NON_MAX_SUPPRESSION|NonMaxSuppression|Detection_PostProcess/, "cut the network before it and choose the boxes in your program"],
  [/HASHTABLE|EMBEDDING_LOOKUP_SPARSE|String|Tokenizer/i, "look texts up in your program and feed numbers"],
  [/RANDOM|Random|Bernoulli|MULTINOMIAL|Dropout/i, "export for inference: what is random belongs to training"],
  [/FFT|Stft|STFT|Mfcc|MFCC|AUDIO_SPECTROGRAM|DFT|Signal/i, "compute the spectrum in your program and feed it"],
  [/DYNAMIC_UPDATE_SLICE|BROADCAST_ARGS|WHERE|UNIQUE|NonZero|Compress|SEGMENT_SUM|SCATTER|Scatter/, "sizes that hang on the data have no place in static memory: use fixed shapes and slices"],
];

export const cureOf = (type: string): string => cures.find(([pattern]) => pattern.test(type))?.[1] ?? "replace the layer by supported ones";
