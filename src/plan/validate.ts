/** Proves a plan or names what is wrong with it; written apart from the planner, with which it shares nothing but the types. */
import type { Buffer, Overlap, Plan } from "./types.js";

const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** Faults of one buffer by itself. */
function alone(b: Buffer, at: number, bytes: number): string[] {
  const name = `buffer ${b.id}`;
  const faults: string[] = [];
  if (!whole(b.bytes)) faults.push(`${name}: a size of ${b.bytes} bytes`);
  if (!whole(b.align) || b.align < 1) faults.push(`${name}: an alignment of ${b.align}`);
  if (!(b.first <= b.last)) faults.push(`${name}: alive from step ${b.first} to ${b.last}`);
  if (!whole(at)) faults.push(`${name}: an offset of ${at}`);
  if (at % b.align !== 0) faults.push(`${name}: offset ${at} is no multiple of ${b.align}`);
  if (!(at + b.bytes <= bytes)) faults.push(`${name}: ends at ${at + b.bytes} in an arena of ${bytes} bytes`);
  return faults;
}

function permitted(overlaps: readonly Overlap[], a: Buffer, b: Buffer, distance: number): boolean {
  return overlaps.some((o) =>
    (o.a === a.id && o.b === b.id && o.from <= distance && distance <= o.to) ||
    (o.a === b.id && o.b === a.id && o.from <= -distance && -distance <= o.to));
}

/** Everything wrong with `plan`, in words; empty for a plan that may be used. */
export function faultsOf(buffers: readonly Buffer[], plan: Plan, overlaps: readonly Overlap[] = []): readonly string[] {
  if (plan.offsets.length !== buffers.length) return [`${plan.offsets.length} offsets for ${buffers.length} buffers`];
  const faults = buffers.flatMap((b, i) => alone(b, plan.offsets[i] ?? -1, plan.bytes));
  if (!whole(plan.bytes)) faults.push(`an arena of ${plan.bytes} bytes`);
  if (new Set(buffers.map((b) => b.id)).size !== buffers.length) faults.push("two buffers have one id");
  for (let j = 1; j < buffers.length; j++) {
    for (let i = 0; i < j; i++) {
      const [a, b] = [buffers[i], buffers[j]];
      const [p, q] = [plan.offsets[i], plan.offsets[j]];
      if (a === undefined || b === undefined || p === undefined || q === undefined) continue;
      const step = Math.max(a.first, b.first);
      const apart = p + a.bytes <= q || q + b.bytes <= p || a.bytes === 0 || b.bytes === 0;
      if (step > a.last || step > b.last || apart || permitted(overlaps, a, b, q - p)) continue;
      faults.push(`buffers ${a.id} and ${b.id}, both alive in step ${step}: bytes ${p} to ${p + a.bytes} and ${q} to ${q + b.bytes}`);
    }
  }
  return faults;
}

/** @throws an ordinary Error for a plan that would let tensors overwrite each other: no user can cause one. */
export function validate(buffers: readonly Buffer[], plan: Plan, overlaps: readonly Overlap[] = []): void {
  const faults = faultsOf(buffers, plan, overlaps);
  if (faults.length === 0) return;
  const more = faults.length > 3 ? `; and ${faults.length - 3} more` : "";
  throw new Error(`invalid memory plan: ${faults.slice(0, 3).join("; ")}${more}`);
}
