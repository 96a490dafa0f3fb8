/** Names near to a mistyped one. */

/** Edit distance in which two swapped neighbours count as one edit. */
export function distance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (__, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number): number => d[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      const row = d[i];
      if (row) row[j] = best;
    }
  }
  return at(a.length, b.length);
}

/** At most three names that `word` may have meant, the nearest first: its beginning, or within a third of its length. */
export function closest(word: string, names: readonly string[]): readonly string[] {
  const wanted = word.toLowerCase().slice(0, 64);
  return names
    .map((name) => ({ name, d: wanted.length >= 2 && name.startsWith(wanted) ? 0.5 : distance(wanted, name) }))
    .filter(({ name, d }) => d <= Math.max(1, Math.ceil(Math.max(wanted.length, name.length) / 3)))
    .toSorted((a, b) => a.d - b.d)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** "Did you mean …? " or nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const near = closest(word, names);
  return near.length === 0 ? "" : `Did you mean ${near.join(" or ")}? `;
}
