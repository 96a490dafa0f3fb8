/** The last table of the demo: what the searches chose, and where its pages and C files lie. */

/** A gesture every two seconds, or a colour: what a wrist or a sorting arm asks. */
export const battery = "CR2032, 0.5 per second, 6 months";

const whole = (n) => Math.round(n).toLocaleString("en-US");
const percent = (v) => `${(100 * v).toFixed(1)} %`;
const hyper = (h) => Object.entries(h).map(([k, v]) => `${k} ${v}`).join(", ");
const months = (days) => `${(days / 30.44).toFixed(0)}`;

/** One set's line from the document of `coincell fit --json`. */
export function rowOf(set, { best: b, files }, folder) {
  const c = files.find((f) => f.endsWith(".c")) ?? "";
  const { typical, low, high } = b.energy.battery.days;
  return {
    model: `${set}: ${b.family} (${hyper(b.hyper)})`,
    paths: [`${folder}/fit.html`, `${folder}/best.html`, c],
    cells: [set, b.family, percent(b.tested), `${whole(b.flash.total)} of ${whole(b.flash.limit)} B`, `${whole(b.ram.total)} of ${whole(b.ram.limit)} B`, whole(b.cycles.mean), `${b.energy.microjoules.typical.toPrecision(3)} µJ`, `${months(typical)} months (${months(low)} to ${months(high)})`],
  };
}

export function tableOf(rows) {
  const head = ["set", "best model", "test accuracy", "flash", "RAM", "cycles", "energy", "CR2032, one every 2 s"];
  const lines = [head, ...rows.map((r) => r.cells)];
  const widths = head.map((_, i) => Math.max(...lines.map((l) => l[i].length)));
  const text = lines.map((l) => l.map((t, i) => (i < 2 || i === 7 ? t.padEnd(widths[i]) : t.padStart(widths[i]))).join("  ").trimEnd());
  return [...text, "", ...rows.flatMap((r) => [r.model, `  ${r.paths.join("  ")}`])].join("\n");
}
