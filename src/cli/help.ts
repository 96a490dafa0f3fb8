/** Help texts, made from the tables of verbs and options. */
import { commonOptions, type OptionSpec } from "./options.js";
import type { Verb } from "./verb.js";
import { verbs } from "./verbs.js";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

export const mainHelp = (version: string): string => `coincell ${version}: trained models as small, proven C for tiny chips

Usage: coincell VERB [options]

Verbs:
${columns(Object.entries(verbs).map(([name, v]) => [name, v.summary]))}

Every verb takes --json, --quiet and --help (with examples).
Exit status: 0 ok, 1 failure, 2 usage, 3 does not fit the board, 4 the device's answer differs.

First steps:
  coincell check model.pkl
  coincell run model.pkl --board attiny85 --calibrate train.csv --data test.csv
`;

const left = (name: string, o: OptionSpec): string => {
  const value = o.choices?.join("|") ?? o.value;
  return `${o.short ? `-${o.short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
};

export function verbHelp(v: Pick<Verb, keyof Verb>): string {
  const required = Object.entries(v.options).filter(([, o]) => o.required).map(([n, o]) => ` --${n} ${o.choices?.join("|") ?? o.value ?? ""}`);
  const p = v.positional;
  const operand = p === null ? "" : ` ${p.min === 0 ? `[${p.name}]` : p.name}${p.max > 1 ? "…" : ""}`;
  const table = Object.entries({ ...v.options, ...commonOptions }).map(([n, o]: [string, OptionSpec]): [string, string] => [left(n, o), o.doc]);
  return `Usage: coincell ${v.name}${operand}${required.join("")} [options]

${v.about}
${p === null ? "" : `\n${columns([[p.name, p.doc]])}\n`}
Options:
${columns(table)}

Examples:
${v.examples.map((e) => `  ${e}`).join("\n")}
`;
}
