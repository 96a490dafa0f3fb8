/** What a C toolchain does for us: text in, linked program out; nothing of a build stays on disk. */

import type { Board } from "../board.js";
import type { Elf } from "../elf.js";

export interface BuildRequest {
  readonly board: Board;
  /** Path inside the program to text; every `.c` is compiled, every folder root is the include path. */
  readonly files: ReadonlyMap<string, string>;
  /** Bytes of one input and output row: CELL_IN_BYTES, CELL_OUT_BYTES. */
  readonly inBytes: number;
  readonly outBytes: number;
  /** The files define cell_in and cell_out themselves (CELL_OWN_BUFFERS), so that they may lie in the model's working memory. */
  readonly ownBuffers?: boolean;
  /** Such as `-Os` or `-O2`; the board's own choice where absent. */
  readonly optimise?: string;
  /** Further compiler flags, such as `-Wall` or `-DNAME=1`. */
  readonly flags?: readonly string[];
  /** Address and undefined-behaviour sanitizers; host only. */
  readonly sanitize?: boolean;
}

export interface Toolchain {
  readonly name: string;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** First line of the compiler's version, or null when it is not installed. */
  version(): Promise<string | null>;
  /** @throws CoincellError board/no-compiler, board/compile-failed, board/link-failed. */
  build(request: BuildRequest): Promise<Elf>;
}
