/** Why each layer of a network has the kernel it has, in words and figures, for terminal and page alike. */
import { plural, short, whole } from "./format.js";
import type { KernelReport, LayerReport } from "./types.js";

export const kernelName = (kernel: string | null | undefined): string => (kernel === null || kernel === undefined ? "plain" : short(kernel));

const costOf = (k: KernelReport): number | null => k.cycles ?? k.instructions;
const unitOf = (k: KernelReport): string => (k.cycles === null ? "instructions" : "cycles");

/** The kernel that a layer has, among those it was weighed against. */
const chosenOf = (l: LayerReport): KernelReport | undefined => l.kernels?.find((k) => k.kernel === (l.kernel ?? null));

const RATIO = 1.005;

/** `1.9x fewer cycles than` b, `1.9x as many cycles as` b; null where they are equal or not known. */
function ratioText(a: KernelReport, b: KernelReport): string | null {
  const [x, y] = [costOf(a), costOf(b)];
  if (x === null || y === null || Math.min(x, y) <= 0 || Math.max(x, y) / Math.min(x, y) < RATIO) return null;
  const ratio = Math.max(x, y) / Math.min(x, y);
  return `${ratio.toFixed(ratio < 1.1 ? 2 : 1)}x ${x < y ? `fewer ${unitOf(a)} than` : `as many ${unitOf(a)} as`}`;
}

const more = (bytes: number, of: string): readonly string[] => (bytes > 0 ? [`${whole(bytes)} B more ${of}`] : []);

/** `saves 13,136 B of RAM and 352 B of flash`, where it does. */
function saved(ram: number, flash: number): readonly string[] {
  const parts = [...(ram > 0 ? [`${whole(ram)} B of RAM`] : []), ...(flash > 0 ? [`${whole(flash)} B of flash`] : [])];
  return parts.length > 0 ? [`saves ${parts.join(" and ")}`] : [];
}

/** What the chosen kernel has over the plain one, and what it takes for it. */
function againstPlain(now: KernelReport, plain: KernelReport): string {
  const ratio = ratioText(now, plain);
  const parts = [...(ratio === null ? [] : [`${ratio} plain`]), ...saved(plain.ram - now.ram, plain.constants - now.constants), ...(now.scratch > 0 ? [`${whole(now.scratch)} B scratch`] : []), ...more(now.constants - plain.constants, "flash")];
  return parts.join(", ");
}

/** What the fastest kernel would have given, where another was taken. */
function againstFastest(now: KernelReport, fastest: KernelReport): string {
  const [gains] = saved(fastest.ram - now.ram, fastest.constants - now.constants);
  return `${gains === undefined ? "instead of" : `${gains} over`} ${kernelName(fastest.kernel)}, which takes ${ratioText(fastest, now)?.replace(/ than$/, "") ?? "as long"}`;
}

/** `dsp: 1.9x fewer cycles than plain, 1,568 B scratch`; null where there was no choice. */
export function kernelReason(l: LayerReport): string | null {
  const [now, plain] = [chosenOf(l), l.kernels?.[0]];
  if (!l.kernels || l.kernels.length < 2 || !now || !plain) return null;
  const known = l.kernels.every((k) => costOf(k) !== null);
  if (!known) return `${kernelName(now.kernel)}: ${[againstPlain(now, plain), "not all kernels could be measured here"].filter((t) => t !== "").join("; ")}`;
  const fastest = l.kernels.toSorted((a, b) => (costOf(a) ?? 0) - (costOf(b) ?? 0))[0] ?? now;
  const slower = (costOf(now) ?? 0) > (costOf(fastest) ?? 0);
  const parts = [...(now === plain ? [] : [againstPlain(now, plain)]), ...(slower && fastest !== plain ? [againstFastest(now, fastest)] : [])].filter((t) => t !== "");
  return `${kernelName(now.kernel)}: ${parts.length > 0 ? parts.join("; ") : `no other takes fewer ${unitOf(now)}`}`;
}

/** How many layers have each kernel, the most frequent first. */
export function kernelCounts(kernels: readonly (string | null | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const k of kernels) counts.set(kernelName(k), (counts.get(kernelName(k)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name, n]) => `${name} ${n}`).join(", ");
}

/** One line for the whole network; null where no layer had a choice. */
export function kernelsLine(layers: readonly LayerReport[]): string | null {
  if (!layers.some((l) => (l.kernels?.length ?? 0) > 1)) return null;
  const sum = (of: (l: LayerReport) => KernelReport | undefined): number | null =>
    layers.reduce((n: number | null, l) => { const k = of(l); const cost = k ? costOf(k) : null; return n === null || cost === null ? null : n + cost; }, 0);
  const [now, plain] = [sum(chosenOf), sum((l) => l.kernels?.[0])];
  const unit = layers[0]?.kernels?.[0]?.cycles === null ? "instructions" : "cycles";
  const gain = now === null || plain === null || now <= 0 || plain / now < RATIO ? "" : `: ${(plain / now).toFixed(1)}x fewer ${unit} than all plain`;
  return `${kernelCounts(layers.map((l) => l.kernel))} of ${plural(layers.length, "layer")}${gain}`;
}
