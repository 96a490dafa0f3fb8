/** The CLI's only way out: documents on stdout, logs and progress on stderr. Tests give their own. */

export interface Io {
  /** Results: text, or one JSON document. */
  out(text: string): void;
  /** Logs, warnings, errors. */
  err(text: string): void;
  /** Whether stdout and stderr are terminals that a person reads. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const processIo = (): Io => ({
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  // A pseudo-terminal without a size says 0.
  columns: process.stdout.columns > 0 ? process.stdout.columns : 100,
  env: process.env,
});

/** The same without logs, for `--quiet`; errors are printed by the dispatcher, which keeps the full one. */
export const quietIo = (io: Io): Io => ({ ...io, err: () => {}, errIsTerminal: false });

/** https://no-color.org: any non-empty NO_COLOR turns colour off; FORCE_COLOR turns it on without a terminal. */
export function useColour(io: Pick<Io, "outIsTerminal" | "env">): boolean {
  if ((io.env["NO_COLOR"] ?? "") !== "" || io.env["TERM"] === "dumb") return false;
  const forced = io.env["FORCE_COLOR"] ?? "";
  return forced !== "" ? forced !== "0" : io.outIsTerminal;
}

export const printJson = (io: Io, document: unknown): void => io.out(`${JSON.stringify(document, null, 2)}\n`);

/** A counter that rewrites its own line on a terminal, at most ten times a second, and is silent elsewhere. */
export function progress(io: Io, what: string): { readonly step: (done: number, total: number) => void; readonly end: () => void } {
  let last = 0;
  let shown = false;
  return {
    step: (done, total) => {
      const now = Date.now();
      if (!io.errIsTerminal || (now - last < 100 && done < total)) return;
      [last, shown] = [now, true];
      io.err(`\r\x1b[K${what}: ${done} of ${total} rows`);
    },
    end: () => {
      if (shown) io.err("\r\x1b[K");
      shown = false;
    },
  };
}
