#!/usr/bin/env node
/** Starts the built CLI; says what to do where it has not been built. */
import { existsSync } from "node:fs";

const built = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write("error [cli/not-built] coincell: dist/cli/main.js is missing\n  cure: Run npm run build in the package's folder.\n");
  process.exitCode = 1;
}
