/** The runtime header as one model needs it: sections that nothing in the model names are left out. */

/** `/* [word] …` (or `[one|two]`) opens a section; `/* [end]` closes the last one. */
const SECTION = /^\/\* \[([\w|]+)\] ?/;

/** `body`: all the C that stands below the header. */
export function runtimeFor(runtime: string, body: string): string {
  const used = body.toLowerCase();
  const lines: string[] = [];
  let keep = true;
  for (const line of runtime.split("\n")) {
    const word = SECTION.exec(line)?.[1];
    if (word !== undefined) keep = word === "end" || new RegExp(`\\bcell_(${word})`).test(used);
    if (keep && word !== "end") lines.push(line.replace(SECTION, "/* "));
  }
  return lines.join("\n").replace(/\n{3,}/g, "\n\n");
}
