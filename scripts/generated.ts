/** Generated files are checked in: write them, or (with `--check`) fail when one is stale. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const check = process.argv.includes("--check");

export function writeOrCheck(file: URL, text: string): void {
  const path = fileURLToPath(file);
  const old = existsSync(path) ? readFileSync(path, "utf8") : null;
  if (old === text) return;
  const name = relative(process.cwd(), path);
  if (!check) {
    writeFileSync(path, text);
    process.stdout.write(`wrote ${name}\n`);
    return;
  }
  process.stderr.write(`${name} is stale: run npm run gen\n`);
  process.exitCode = 1;
}
