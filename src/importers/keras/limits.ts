/** Bounds that keep hostile Keras files harmless: far above any model a microcontroller can hold. */
import { fail } from "../../ir/diagnostics.js";

export const LIMITS = {
  /** Bytes of the configuration, as text. */
  configBytes: 8 * 2 ** 20,
  /** Braces and brackets inside one another. */
  configDepth: 100,
  /** Bytes of one entry of a zip, and of all weight files. */
  entryBytes: 128 * 2 ** 20,
  /** Bytes of one chunk of a dataset. */
  chunkBytes: 16 * 2 ** 20,
  zipEntries: 4096,
  /** Headers, tree nodes, names and chunks of an HDF5 file that are looked at. */
  hdf5Steps: 200_000,
  /** Numbers of all weights together. */
  weights: 2 ** 24,
  /** Layers of all models in the file, nested ones included. */
  layers: 2000,
  /** Uses of layers, those inside models that are used several times counted each time. */
  calls: 5000,
  /** Elements of all computed tensors together. */
  elements: 2 ** 24,
  /** Names between slashes. */
  path: 64,
  /** Models inside models. */
  depth: 8,
} as const;

export const CURE_DAMAGED = "The file is damaged; save the model again with model.save.";

export const damaged = (where: string, what: string): never => fail("keras/damaged", where, what, CURE_DAMAGED);
export const tooLarge = (where: string, what: string): never => fail("keras/too-large", where, what, "Models for microcontrollers are far smaller; save the model without its optimizer, and check that it is the right file.");

/** Shortens text of the file before it goes into a message. */
export const clip = (text: string, length = 60): string => {
  const line = text.slice(0, length).replaceAll(/[^\x20-\x7e]/g, "?");
  return text.length > length ? `${line}...` : line;
};
