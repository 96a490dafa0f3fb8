/** JSON as XGBoost writes it (NaN and Infinity allowed), bounded in size, depth and number of objects; source: RFC 8259. */
import { damaged, MAX_BYTES, MAX_DEPTH, MAX_ITEMS, type Doc } from "./document.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, Doc> = new Map<string, Doc>([
  ["true", true], ["false", false], ["null", null],
  ["NaN", Number.NaN], ["nan", Number.NaN], ["Infinity", Infinity], ["-Infinity", -Infinity], ["inf", Infinity], ["-inf", -Infinity],
]);

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [34, 92, 44, 58, 91, 93, 123, 125] as const;
const isSpace = (c: number | undefined): boolean => c === 32 || c === 10 || c === 13 || c === 9;

class JsonReader {
  private pos = 0;
  private items = 0;

  constructor(private readonly bytes: Uint8Array, private readonly file: string) {}

  document(): Doc {
    const value = this.value(0);
    this.space();
    if (this.pos < this.bytes.length) this.broken("there is more behind the end of the document");
    return value;
  }

  private broken(what: string): never {
    return damaged(`${this.file} (byte ${this.pos})`, what);
  }

  private space(): number | undefined {
    while (isSpace(this.bytes[this.pos])) this.pos++;
    return this.bytes[this.pos];
  }

  private item(): void {
    if (++this.items > MAX_ITEMS) this.broken(`more than ${MAX_ITEMS} objects`);
  }

  private value(depth: number): Doc {
    const c = this.space();
    if (c === QUOTE) return this.text();
    if (c !== OPEN && c !== OPEN_LIST) return this.word();
    if (depth >= MAX_DEPTH) this.broken(`nested more than ${MAX_DEPTH} deep`);
    this.item();
    this.pos++;
    return c === OPEN ? this.object(depth) : this.list(depth);
  }

  /** After an element: true where another one follows. */
  private more(close: number): boolean {
    const c = this.space();
    if (c !== COMMA && c !== close) this.broken(c === undefined ? "the file ends too early" : "a comma or a closing bracket was expected");
    this.pos++;
    return c === COMMA;
  }

  private object(depth: number): ReadonlyMap<string, Doc> {
    const out = new Map<string, Doc>();
    if (this.space() === CLOSE) {
      this.pos++;
      return out;
    }
    do {
      if (this.space() !== QUOTE) this.broken("a key was expected");
      this.item();
      const key = this.text();
      if (out.has(key)) this.broken(`key "${key.slice(0, 40)}" stands twice`);
      if (this.space() !== COLON) this.broken("a colon was expected");
      this.pos++;
      out.set(key, this.value(depth + 1));
    } while (this.more(CLOSE));
    return out;
  }

  private list(depth: number): readonly Doc[] {
    const out: Doc[] = [];
    if (this.space() === CLOSE_LIST) {
      this.pos++;
      return out;
    }
    do out.push(this.value(depth + 1)); while (this.more(CLOSE_LIST));
    return out;
  }

  private text(): string {
    const start = ++this.pos;
    let escaped = false;
    for (;;) {
      const c = this.bytes[this.pos];
      if (c === undefined) this.broken("the file ends inside a text");
      if (c === QUOTE) break;
      escaped ||= c === BACKSLASH;
      this.pos += c === BACKSLASH ? 2 : 1;
    }
    const raw = this.bytes.subarray(start, this.pos++);
    try {
      const text = utf8.decode(raw);
      return escaped ? String(JSON.parse(`"${text}"`)) : text;
    } catch {
      return this.broken("a text is not well formed");
    }
  }

  private word(): Doc {
    const start = this.pos;
    let [whole, digits] = [0, true];
    while (this.pos < this.bytes.length && this.pos - start < 400) {
      const c = this.bytes[this.pos] ?? 0;
      if (c === COMMA || c === CLOSE || c === CLOSE_LIST || isSpace(c)) break;
      digits &&= c >= 48 && c <= 57;
      whole = whole * 10 + c - 48;
      this.pos++;
    }
    // Most numbers of a model are short indices: they need no text and no pattern.
    const length = this.pos - start;
    if (digits && length > 0 && length < 16 && (length === 1 || this.bytes[start] !== 48)) return whole;
    let word = "";
    for (let i = start; i < this.pos; i++) word += String.fromCharCode(this.bytes[i] ?? 0);
    if (NUMBER.test(word)) return Number(word);
    const value = WORDS.get(word);
    return value === undefined ? this.broken(word === "" ? "a value was expected" : "a value is not well formed") : value;
  }
}

export function readJson(bytes: Uint8Array, file: string): Doc {
  if (bytes.length > MAX_BYTES) damaged(file, `${bytes.length} bytes; files of up to ${MAX_BYTES} are read`);
  return new JsonReader(bytes, file).document();
}
