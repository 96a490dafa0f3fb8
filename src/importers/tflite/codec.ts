/**
 * FlatBuffer tables described once, for the reader and for the writer; the plain type of a table's data follows from its description.
 * Fields stand in slot order, since the slot is all that a file knows of a field.
 */

/** Bytes of each element type that a table or a vector can hold. */
export const SIZES = { bool: 1, i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, f32: 4, i64: 8, u64: 8 } as const;
export type ScalarType = keyof typeof SIZES;

export interface ScalarField { readonly kind: "scalar"; readonly as: Exclude<ScalarType, "bool">; readonly fallback: number }
export interface FlagField { readonly kind: "flag"; readonly fallback: boolean }
export interface EnumField<N extends string = string> {
  readonly kind: "enum"; readonly as: "i8" | "i32" | "u32"; readonly names: readonly N[]; readonly fallback: N;
}
export interface TextField { readonly kind: "text" }
/** `present`: written even when empty, because interpreters read it without asking whether it is there. */
export interface NumbersField { readonly kind: "numbers"; readonly as: ScalarType; readonly present: boolean }
export interface BytesField { readonly kind: "bytes"; readonly align: number }
export interface TableField<T extends Table = Table> { readonly kind: "table"; readonly of: T }
export interface TablesField<T extends Table = Table> { readonly kind: "tables"; readonly of: T }
/** Takes two slots: which member, then its table. Member k of the list has the number k + 1 in the file. */
export interface UnionField { readonly kind: "union"; readonly members: ReadonlyMap<string, Table>; readonly list: readonly (readonly [string, Table])[] }
/** A deprecated slot. */
export interface GapField { readonly kind: "gap" }

export type Field =
  | ScalarField | FlagField | EnumField | TextField | NumbersField | BytesField | TableField | TablesField | UnionField | GapField;
/** An interface, so that tables may hold tables without TypeScript running in circles. */
export interface Table { readonly [name: string]: Field }

/** Values of the simple tables that stand in unions. */
export type Option = number | boolean | string | readonly number[];
export type Options = Readonly<Record<string, Option>>;
export interface Member { readonly type: string; readonly value: Options }

type DataOf<F> =
  F extends ScalarField ? number
  : F extends FlagField ? boolean
  : F extends EnumField<infer N> ? N
  : F extends TextField ? string
  : F extends NumbersField ? readonly number[]
  : F extends BytesField ? Uint8Array | null
  : F extends TableField<infer T> ? TableData<T> | null
  : F extends TablesField<infer T> ? readonly TableData<T>[]
  : Member | null;

export type TableData<T extends Table> = { readonly [K in keyof T as T[K] extends GapField ? never : K]: DataOf<T[K]> };

export const scalar = (as: ScalarField["as"], fallback = 0): ScalarField => ({ kind: "scalar", as, fallback });
export const flag = (fallback = false): FlagField => ({ kind: "flag", fallback });
export const oneOf = <N extends string>(as: EnumField["as"], names: readonly N[], fallback: NoInfer<N>): EnumField<N> => ({ kind: "enum", as, names, fallback });
export const text: TextField = { kind: "text" };
export const numbers = (as: ScalarType): NumbersField => ({ kind: "numbers", as, present: true });
export const rareNumbers = (as: ScalarType): NumbersField => ({ kind: "numbers", as, present: false });
export const bytes = (align = 1): BytesField => ({ kind: "bytes", align });
export const one = <T extends Table>(of: T): TableField<T> => ({ kind: "table", of });
export const many = <T extends Table>(of: T): TablesField<T> => ({ kind: "tables", of });
export const union = (members: ReadonlyMap<string, Table>): UnionField => ({ kind: "union", members, list: [...members] });
export const gap: GapField = { kind: "gap" };

/** Every field with its slot. */
export function* slots(table: Table): Generator<readonly [name: string, field: Field, slot: number]> {
  let slot = 0;
  for (const [name, field] of Object.entries(table)) {
    yield [name, field, slot];
    slot += field.kind === "union" ? 2 : 1;
  }
}

/** What an absent field means. */
export function absent(field: Field): unknown {
  switch (field.kind) {
    case "scalar": case "flag": case "enum": return field.fallback;
    case "text": return "";
    case "numbers": case "tables": return [];
    default: return null;
  }
}
