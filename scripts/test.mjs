/** Runs every test file with Node's own runner; arguments are parts of paths that narrow the choice. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const wanted = process.argv.slice(2);
const files = ["src", "test"]
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).map((d) => join(d.parentPath ?? d.path, d.name)))
  .filter((f) => f.endsWith(".test.ts") && (wanted.length === 0 || wanted.some((w) => f.includes(w))))
  .sort();
const { status } = spawnSync("node", ["--import", "tsx", "--test", "--test-reporter=spec", ...files], { stdio: "inherit" });
process.exit(status ?? 1);
