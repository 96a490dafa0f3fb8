/** Colours of the terminal, or none. */

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, grey: 90 } as const;
export type Style = keyof typeof codes;
export type Paint = (style: Style, text: string) => string;

export const painter = (colour: boolean): Paint => (colour ? (style, text) => (text === "" ? "" : `\x1b[${codes[style]}m${text}\x1b[0m`) : (_, text) => text);
