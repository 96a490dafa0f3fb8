/** Parquet through the optional package `hyparquet`, which is looked for only when such a file is read. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fail } from "../ir/diagnostics.js";
import type { CellTable } from "./columns.js";

interface Hyparquet {
  parquetReadObjects(options: { readonly file: ArrayBuffer }): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const isReader = (m: unknown): m is Hyparquet => typeof m === "object" && m !== null && typeof (m as Record<string, unknown>)["parquetReadObjects"] === "function";

/** The package of the user's project, else the one beside coincell. */
async function load(file: string): Promise<Hyparquet> {
  const specifier: string = "hyparquet";
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      const found: unknown = await import(pathToFileURL(createRequire(from).resolve(specifier)).href);
      if (isReader(found)) return found;
    } catch {
      continue;
    }
  }
  const direct: unknown = await import(specifier).catch(() => null);
  return isReader(direct) ? direct : fail("data/no-parquet", file, "reading Parquet needs the optional package hyparquet, which is not installed", "Run npm i hyparquet in this folder, or write the table as CSV.");
}

const cell = (v: unknown): string | number => (typeof v === "number" ? v : typeof v === "bigint" || typeof v === "boolean" ? Number(v) : v === null || v === undefined ? "" : v instanceof Date ? v.toISOString() : typeof v === "string" ? v : (JSON.stringify(v) ?? ""));

/** @throws CoincellError data/no-parquet without the package, data/bad-parquet on a damaged file */
export async function readParquet(file: string, bytes: Uint8Array): Promise<CellTable> {
  const reader = await load(file);
  const copy = Uint8Array.from(bytes).buffer;
  const rows = await reader.parquetReadObjects({ file: copy }).catch((e: unknown) => fail("data/bad-parquet", file, `hyparquet cannot read it: ${e instanceof Error ? e.message.slice(0, 120) : "unknown"}`, "Write the file again with snappy or no compression, or as CSV."));
  const header = Object.keys(rows[0] ?? {});
  if (header.length === 0) fail("data/empty", file, "the file has no rows", "Give at least one row of numbers.");
  return { file, header, rows: rows.map((r, i) => ({ place: `${file}: row ${i + 1}`, cells: header.map((h) => cell(r[h])) })) };
}
