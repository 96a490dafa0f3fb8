/** Errors as data: every failure a user can cause carries a code, the place, what was found and what to do about it. */

export interface Diagnostic {
  /** Stable kebab-case identifier, `room/what`, e.g. `sklearn/unsupported-estimator`. */
  readonly code: string;
  /** File, node, line or field the problem was found in. */
  readonly where: string;
  /** What was found there. */
  readonly what: string;
  /** What the user can do; always names what is supported. */
  readonly cure: string;
}

/** The only error class rooms throw on purpose; anything else that surfaces is a fault of ours. */
export class CoincellError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(`${diagnostic.where}: ${diagnostic.what}. ${diagnostic.cure}`);
    this.name = "CoincellError";
    this.diagnostic = diagnostic;
  }
}

/** Throws a {@link CoincellError}; typed `never` so that callers narrow. */
export function fail(code: string, where: string, what: string, cure: string): never {
  throw new CoincellError({ code, where, what, cure });
}
