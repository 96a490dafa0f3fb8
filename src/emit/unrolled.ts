/** Straight code: the branches an operator gives, printed as nested `if`s over local sums. */
import type { Branch, Unrolled } from "../ir/op.js";
import type { Tensor } from "../ir/types.js";
import { cType, literal } from "./text.js";

interface Printer {
  readonly x: Tensor;
  readonly y: Tensor;
  /** A single tree needs no sums: each leaf writes the result. */
  readonly single: readonly number[] | null;
}

function condition(b: Extract<Branch, { kind: "split" }>, x: Tensor): string {
  if (b.test === "le") return `x[${b.element}] <= ${literal(b.value, x.dtype)}`;
  return `cell_le_float(x[${b.element}], ${literal(b.value, "i32")})`;
}

function leaf(b: Exclude<Branch, { kind: "split" }>, p: Printer): string[] {
  const type = cType(p.y.dtype);
  if (p.single) {
    const total = [...p.single];
    b.at.forEach((k, i) => { total[k] = (b.kind === "add" ? (total[k] ?? 0) : 0) + (b.value[i] ?? 0); });
    return total.map((v, k) => `y[${k}] = ${literal(v, p.y.dtype)};`);
  }
  return b.at.map((k, i) => {
    const v = literal(b.value[i] ?? 0, p.y.dtype);
    return b.kind === "set" ? `y${k} = ${v};` : `y${k} = (${type})(y${k} + ${v});`;
  });
}

/** A branch as lines; `lead` is what stands before its `if` on the same line (a closing `} else `, or nothing). */
function print(b: Branch, p: Printer, indent: string, lead: string, out: string[]): void {
  if (b.kind !== "split") {
    for (const s of leaf(b, p)) out.push(indent + s);
    return;
  }
  out.push(`${indent}${lead}if (${condition(b, p.x)}) {`);
  print(b.yes, p, `${indent}  `, "", out);
  if (b.no.kind === "split") {
    print(b.no, p, indent, "} else ", out);
    return;
  }
  out.push(`${indent}} else {`);
  print(b.no, p, `${indent}  `, "", out);
  out.push(`${indent}}`);
}

export function unrolledFunction(name: string, u: Unrolled, x: Tensor, y: Tensor): string {
  const single = u.branches.length === 1 ? u.start : null;
  const p: Printer = { x, y, single };
  const body: string[] = [];
  if (!single) u.start.forEach((v, k) => body.push(`    ${cType(y.dtype)} y${k} = ${literal(v, y.dtype)};`));
  u.branches.forEach((b) => print(b, p, "    ", "", body));
  if (!single) u.start.forEach((_, k) => body.push(`    y[${k}] = y${k};`));
  if (u.branches.every((b) => b.kind !== "split")) body.unshift("    (void)x;");
  return `static void ${name}(const ${cType(x.dtype)} *x, ${cType(y.dtype)} *y)\n{\n${body.join("\n")}\n}\n`;
}
