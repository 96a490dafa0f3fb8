/** What a verb is: its options as a table, and one function from parsed arguments to an exit status. */
import type { ExitCode } from "./exit.js";
import type { Io } from "./io.js";
import type { Args, OptionTable, Positional } from "./options.js";

export interface Verb<T extends OptionTable = OptionTable> {
  readonly name: string;
  /** A sentence or two below the usage line of the help. */
  readonly about: string;
  readonly positional: Positional | null;
  readonly options: T;
  readonly examples: readonly string[];
  run(args: Args<T>, io: Io): Promise<ExitCode>;
}

/** Keeps the literal types of the option table, so that `args.options` is typed by it. */
export const defineVerb = <const T extends OptionTable>(verb: Verb<T>): Verb<T> => verb;
