/** Text of a CSV file to cells with the line each row stands on. Comment lines start with `#`; empty lines are skipped. */
import Papa from "papaparse";
import { fail } from "../ir/diagnostics.js";

export interface CsvRecord {
  /** Line of the file, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

function decode(bytes: Uint8Array, file: string): string {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (!wide && bytes.subarray(0, 4096).some((b) => b < 9)) fail("data/no-text", file, "the file holds bytes that no text has", "Give a CSV file; supported are also .npy, .npz, .parquet and folders of CSV files.");
  try {
    return new TextDecoder(wide ? "utf-16le" : "utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

const newlines = (text: string, from: number, to: number): number => {
  let n = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) n++;
  return n;
};

/** @throws CoincellError data/bad-csv, data/empty */
export function readCsv(bytes: Uint8Array, file: string): readonly CsvRecord[] {
  const text = decode(bytes, file).replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const records: CsvRecord[] = [];
  let [at, line] = [0, 1];
  let error: { readonly line: number; readonly message: string } | null = null;
  Papa.parse<string[]>(text, {
    comments: "#", newline: "\n",
    step: ({ data, errors, meta }) => {
      const [bad] = errors.filter((e) => e.code !== "UndetectableDelimiter");
      const end = Math.max(at, meta.cursor);
      const last = line + newlines(text, at, end) - (text[end - 1] === "\n" ? 1 : 0);
      const inside = data.reduce((n, c) => n + newlines(c, 0, c.length), 0);
      if (bad && !error) error = { line: bad.index === undefined ? last - inside : 1 + newlines(text, 0, bad.index), message: bad.message };
      if (data.some((c) => c.trim() !== "")) records.push({ line: last - inside, cells: data.map((c) => c.trim()) });
      line += newlines(text, at, end);
      at = end;
    },
  });
  const found = error as { readonly line: number; readonly message: string } | null;
  if (found) fail("data/bad-csv", `${file}: line ${found.line}`, found.message.toLowerCase(), "Write plain comma-separated values, one sample a line; quotes must be closed.");
  if (records.length === 0) fail("data/empty", file, "the file has no rows", "Give at least one row of numbers.");
  return records;
}
