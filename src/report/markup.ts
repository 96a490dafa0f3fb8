/** HTML as a tagged template: every value is escaped unless it is markup itself, so that no label or file name becomes code. */
import { plain } from "./format.js";

const KIND = Symbol("markup");
/** Text that is HTML already; only {@link html} and {@link trusted} make it. */
export interface Markup { readonly [KIND]: true; readonly text: string }
type Insert = Markup | string | number | null | false | readonly Insert[];

const marked = (text: string): Markup => ({ [KIND]: true, text });

/** Our own constant texts: style sheets, never anything of a model. */
export const trusted = (text: string): Markup => marked(text);

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escape = (text: string): string => plain(text).replace(/[&<>"']/g, (c) => entities[c] ?? c);

function insert(v: Insert): string {
  if (v === null || v === false) return "";
  if (typeof v === "string") return escape(v);
  if (typeof v === "number") return String(v);
  return KIND in v ? v.text : v.map(insert).join("");
}

export const html = (texts: TemplateStringsArray, ...values: readonly Insert[]): Markup =>
  marked(texts.map((t, i) => t + (i < values.length ? insert(values[i] ?? null) : "")).join(""));
