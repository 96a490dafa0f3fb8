/** `npm run new-op -- FAMILY NAME`: a folder with an operator that compiles and passes the shared suite, ready to be changed. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const families = ["classical", "elementwise", "decision", "signal", "neural", "shape"];
const [family = "", name = ""] = process.argv.slice(2);
if (!families.includes(family) || !/^[a-z][a-z0-9_]*$/.test(name)) {
  process.stderr.write(`usage: npm run new-op -- FAMILY snake_case_name   (families: ${families.join(", ")})\n`);
  process.exit(2);
}
const folder = new URL(`../src/ops/${family}/${name}/`, import.meta.url);
if (existsSync(folder)) {
  process.stderr.write(`src/ops/${family}/${name} exists already\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
for (const file of ["index.ts", "kernel.c"]) {
  const text = readFileSync(new URL(`templates/op/${file}.txt`, import.meta.url), "utf8");
  writeFileSync(new URL(file, folder), text.replaceAll("NAME", name).replaceAll("FAMILY", family));
}
const { status } = spawnSync("npx", ["tsx", "scripts/gen-ops.ts"], { stdio: "inherit" });
process.stdout.write(`src/ops/${family}/${name}: change index.ts and kernel.c, then npm test -- ops.test\n`);
process.exit(status ?? 1);
