/** The C that ships with the package: kernels beside their operators, the runtime header with its arch headers pasted in. */
import { existsSync, readFileSync } from "node:fs";
import type { KernelSource } from "./emit/index.js";
import { findOp } from "./ops/registry.js";

/** The build copies the C files beside the compiled modules, so the same path serves src/ and dist/. */
const source = new URL("./", import.meta.url);
const cache = new Map<string, string | null>();

function read(path: string): string | null {
  const known = cache.get(path);
  if (known !== undefined) return known;
  const url = new URL(path, source);
  const text = existsSync(url) ? readFileSync(url, "utf8") : null;
  cache.set(path, text);
  return text;
}

export const kernelSource: KernelSource = (op, file) => read(`ops/${findOp(op).family}/${op}/${file}`);

export function runtimeHeader(): string {
  const text = read("runtime/coincell.h");
  if (text === null) throw new Error("runtime/coincell.h is missing from the package");
  return text.replace(/^#include "((?:arch\/)?\w+\.h)"\n/gm, (_, path: string) => read(`runtime/${path}`) ?? "");
}
