/** A table without some of its columns, for what reads a model's rows from a file: a column of persons is no input. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import Papa from "papaparse";
import { fail } from "../ir/diagnostics.js";

/** The text without the named columns; lines stay where they are, so that errors name the right one. Names that are absent are passed over. */
export function dropColumns(text: string, names: readonly string[]): { readonly text: string; readonly found: readonly string[]; readonly header: readonly string[] } {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { delimiter: "" });
  const at = data.findIndex((row) => row.some((c) => c.trim() !== "") && !(row[0] ?? "").startsWith("#"));
  const header = (data[at] ?? []).map((c) => c.trim());
  const away = new Set(header.flatMap((h, i) => (names.includes(h) ? [i] : [])));
  const kept = data.map((row, r) => (r < at || (row[0] ?? "").startsWith("#") || (row.length === 1 && row[0] === "") ? row : row.filter((_, i) => !away.has(i))));
  return { text: Papa.unparse(kept, { newline: "\n" }), found: names.filter((n) => header.includes(n)), header };
}

const unreadable = (file: string) => (e: NodeJS.ErrnoException) =>
  fail("file/unreadable", file, e.code === "ENOENT" ? "there is no such file" : e.message, "Give the path of a readable file.");

/**
 * Paths of copies of CSV files without the named columns, in a folder that is removed when the process ends. The first file
 * must have all of them; the others may lack some.
 * @throws CoincellError naming a column that the first file does not have
 */
export async function copiesWithout(files: readonly string[], names: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(files.map((f) => readFile(f, "utf8").catch(unreadable(f))));
  const folder = mkdtempSync(join(tmpdir(), "coincell-rows-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return files.map((file, i) => {
    const { text, found, header } = dropColumns(texts[i] ?? "", names);
    const missing = names.find((n) => !found.includes(n));
    if (i === 0 && missing !== undefined) fail("data/no-column", "--ignore", `${file} has no column "${missing}"`, `Columns: ${header.join(", ")}.`);
    // The same file name, so that an error names what the user knows.
    const path = join(folder, `${i}-${basename(file)}`);
    writeFileSync(path, text);
    return path;
  });
}
