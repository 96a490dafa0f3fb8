/** Numbers and foreign texts as people read them; shared by the terminal, the page and the error printer. */

/** Control characters and direction overrides of a hostile name must drive neither a terminal nor a page. */
// eslint-disable-next-line no-control-regex -- removing control characters is the point
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
export const plain = (text: string): string => text.replace(unsafe, "\u{fffd}");
/** The same on one line, cut to a length. */
export function short(text: string, max = 40): string {
  const line = plain(text).replace(/[\t\n]/g, " ");
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

/** 12,345: grouped, without decimals. */
export const whole = (n: number): string => Math.round(n).toLocaleString("en-GB");

/** At most four significant digits for small numbers, grouped whole ones for large. */
export function figure(n: number): string {
  if (!Number.isFinite(n)) return String(n);
  return Math.abs(n) >= 1000 ? whole(n) : String(Number(n.toPrecision(Math.abs(n) >= 100 ? 4 : 3)));
}

/** Rounded, but only what is all of it reads "100 %". */
export function percent(share: number, digits = 2): string {
  const [unit, hundred] = [10 ** digits, share * 100];
  const rounded = Math.round(hundred * unit) / unit;
  return `${rounded >= 100 && share < 1 ? (100 * unit - 1) / unit : rounded} %`;
}

/** Microseconds in the unit that suits them. */
export function time(us: number): string {
  if (us < 1000) return `${figure(us)} µs`;
  return us < 1e6 ? `${figure(us / 1000)} ms` : `${figure(us / 1e6)} s`;
}

export const plural = (n: number, one: string): string => `${whole(n)} ${one}${n === 1 ? "" : "s"}`;
