/** Writes the CSV files of an example, or with `--check` says whether the ones that are there are those. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const csv = (header, rows) => `${[header, ...rows].map((r) => r.join(",")).join("\n")}\n`;

/** `tables`: name of a file -> `{ header, rows }`. Exits with 1 where `--check` finds a difference. */
export function writeOrCheck(folder, tables) {
  const check = process.argv.includes("--check");
  for (const [name, { header, rows }] of Object.entries(tables)) {
    const [file, text] = [join(folder, name), csv(header, rows)];
    if (!check) writeFileSync(file, text);
    const same = !check || readFileSync(file, "utf8") === text;
    const what = !check ? "written" : same ? "as the script makes it" : "NOT what the script makes";
    (same ? process.stdout : process.stderr).write(`${basename(folder)}/${name}: ${rows.length} rows, ${text.length} bytes, ${what}\n`);
    if (!same) process.exitCode = 1;
  }
}
