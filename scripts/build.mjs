/** Compiles src/ to dist/ and lays the C files beside the modules that read them. `--if-stale` does nothing when dist/ is newer. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const stamp = "dist/.built";
const files = readdirSync("src", { recursive: true, withFileTypes: true }).filter((d) => d.isFile()).map((d) => join(d.parentPath ?? d.path, d.name));

function stale() {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return [...files, "tsconfig.json", "package.json"].some((f) => statSync(f).mtimeMs > built);
}

if (!process.argv.includes("--if-stale") || stale()) {
  rmSync("dist", { recursive: true, force: true });
  const { status } = spawnSync("node", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
  for (const f of files.filter((name) => /\.(c|h|S|ld)$/.test(name))) {
    const to = join("dist", f.slice("src/".length));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(f, to);
  }
  writeFileSync(stamp, "");
}
