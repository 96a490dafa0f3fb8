/** What a format folder must give to be an importer. */
import type { Graph } from "../ir/types.js";

/** What each `importers/<format>/importer.ts` gives. */
export interface Importer {
  readonly format: string;
  /** What `check` and errors call it. */
  readonly title: string;
  /** Decides from the first bytes; cheap, never throws. */
  sniff(bytes: Uint8Array): boolean;
  /** @throws CoincellError on anything damaged, hostile or not supported. */
  read(bytes: Uint8Array, file: string): Graph;
}
