/** Arguments to typed values: each verb states its options as a table, from which parsing, types and help follow. */
import { parseArgs } from "node:util";
import { fail } from "../ir/diagnostics.js";
import { didYouMean } from "./close.js";

export interface OptionSpec {
  readonly doc: string;
  /** Name of the value in the help; an option without one is a flag. */
  readonly value?: string;
  readonly short?: string;
  readonly required?: true;
  /** The only values allowed; shown in the help instead of `value`. */
  readonly choices?: readonly string[];
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;

type Text<O> = O extends { readonly choices: readonly (infer C)[] } ? C : string;
type Value<O> = O extends { readonly value: string } | { readonly choices: readonly string[] }
  ? O extends { readonly required: true } ? Text<O> : Text<O> | undefined
  : boolean;
export type Values<T extends OptionTable> = { readonly [K in keyof T]: Value<T[K]> };

export interface Positional {
  readonly name: string;
  readonly doc: string;
  /** How many there may be. */
  readonly min: number;
  readonly max: number;
}

export interface Args<T extends OptionTable> {
  readonly positionals: readonly string[];
  readonly options: Values<T & typeof commonOptions>;
}

/** Every verb takes these. */
export const commonOptions = {
  json: { doc: "print one JSON document on stdout" },
  quiet: { doc: "no logs and no progress", short: "q" },
  help: { doc: "show this help", short: "h" },
} as const satisfies OptionTable;

const usage = (verb: string, what: string, cure: string, code = "cli/usage"): never => fail(code, `coincell ${verb}`.trim(), what, cure);
const takesValue = (o: OptionSpec): boolean => o.value !== undefined || o.choices !== undefined;
const isNumeric = (s: string): boolean => /^-(?:\d|\.\d)/.test(s);

type Tokens = NonNullable<ReturnType<typeof parseArgs>["tokens"]>;

function tokensOf(argv: readonly string[], table: OptionTable): Tokens {
  const options = Object.fromEntries(Object.entries(table).map(([name, o]) => [name, { type: takesValue(o) ? "string" as const : "boolean" as const, ...(o.short ? { short: o.short } : {}) }]));
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens ?? [];
}

function optionValue(verb: string, token: Extract<Tokens[number], { kind: "option" }>, table: OptionTable): string | true {
  const spec = table[token.name];
  if (!spec) {
    const names = Object.keys(table).map((n) => `--${n}`);
    return usage(verb, `there is no option ${token.rawName}`, `${didYouMean(`--${token.name}`, names)}Options: ${names.join(", ")}.`, "cli/unknown-option");
  }
  if (!takesValue(spec)) return token.value === undefined ? true : usage(verb, `${token.rawName} takes no value`, `Write ${token.rawName} alone.`);
  const value = token.value;
  const isNext = value !== undefined && !token.inlineValue && value.startsWith("-") && value !== "-" && !isNumeric(value);
  if (value === undefined || value === "" || isNext) return usage(verb, `${token.rawName} needs a value`, `Write ${token.rawName} ${spec.choices?.join("|") ?? spec.value ?? ""}.`);
  if (spec.choices && !spec.choices.includes(value)) return usage(verb, `${token.rawName} cannot be "${value}"`, `${didYouMean(value, spec.choices)}Supported: ${spec.choices.join(", ")}.`, "cli/bad-value");
  return value;
}

/** @throws CoincellError cli/… naming what is wrong and what is allowed. */
export function parse<T extends OptionTable>(verb: string, argv: readonly string[], own: T, positional: Positional | null): Args<T> {
  const table: OptionTable = { ...own, ...commonOptions };
  const values: Record<string, string | boolean | undefined> = {};
  for (const [name, o] of Object.entries(table)) values[name] = takesValue(o) ? undefined : false;
  const positionals: string[] = [];
  for (const token of tokensOf(argv, table)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (takesValue(table[token.name] ?? { doc: "" }) && values[token.name] !== undefined) usage(verb, `${token.rawName} is given twice`, "Give it once.");
    values[token.name] = optionValue(verb, token, table);
  }
  if (values["help"] !== true) checkComplete(verb, positionals, values, table, positional);
  return { positionals, options: values as unknown as Args<T>["options"] };
}

function checkComplete(verb: string, positionals: readonly string[], values: Readonly<Record<string, unknown>>, table: OptionTable, positional: Positional | null): void {
  const { min = 0, max = 0, name = "" } = positional ?? {};
  const help = `See coincell ${verb} --help.`;
  if (positionals.length < min) usage(verb, `${name} is missing`, `Write coincell ${verb} ${name} …. ${help}`);
  if (positionals.length > max) usage(verb, `"${positionals[max] ?? ""}" is one argument too many`, max === 0 ? `This verb takes options only. ${help}` : `Give ${max === 1 ? "one" : `at most ${max}`} ${name}. ${help}`);
  const missing = Object.entries(table).filter(([n, o]) => o.required === true && values[n] === undefined).map(([n, o]) => `--${n} ${o.value ?? o.choices?.join("|") ?? ""}`);
  if (missing.length > 0) usage(verb, `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`, help);
}
