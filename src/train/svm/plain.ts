/** The inner loops of engine.ts in plain JavaScript, place for place and operation for operation. All places are in bytes. */

export interface Loops {
  /** out[r] = sum over j of row[j] * block[j * 8 + r], panel after panel of eight rows. */
  dots(row: number, block: number, out: number, outEnd: number, rowEnd: number, scratch: number): void;
  /** g += step * (ki - kj). Result: least of g + up, where, most of g + down; two lanes each, even and odd elements. */
  scan(g: number, end: number, up: number, down: number, ki: number, kj: number, result: number, step: number): void;
  /** Result: the largest b |b| / max(own + diagonal - 2 k, tau), where; two lanes each. */
  seek(g: number, end: number, down: number, diagonal: number, k: number, result: number, from: number, own: number, tau: number): void;
}

const PANEL = 8;

export const plain = (m: Float64Array, f: Float32Array): Loops => ({
  dots: (row, block, out, outEnd, rowEnd) => {
    for (let o = out / 8, b = block / 8; o < outEnd / 8; o += PANEL) {
      m.fill(0, o, o + PANEL);
      for (let j = row / 8; j < rowEnd / 8; j++, b += PANEL) for (let k = 0; k < PANEL; k++) m[o + k]! += m[j]! * m[b + k]!;
    }
  },
  scan: (g, end, up, down, ki, kj, result, step) => {
    for (let lane = 0; lane < 2; lane++) {
      let least = Infinity;
      let at = -1;
      let most = -Infinity;
      for (let i = lane; i < (end - g) / 8; i += 2) {
        const now = m[g / 8 + i]! + step * (f[ki / 4 + i]! - f[kj / 4 + i]!);
        m[g / 8 + i] = now;
        if (now + m[up / 8 + i]! < least) {
          least = now;
          at = i;
        }
        if (now + m[down / 8 + i]! > most) most = now;
      }
      m[result / 8 + lane] = least;
      m[result / 8 + 2 + lane] = at;
      m[result / 8 + 4 + lane] = most;
    }
  },
  seek: (g, end, down, diagonal, k, result, from, own, tau) => {
    for (let lane = 0; lane < 2; lane++) {
      let best = 0;
      let at = -1;
      for (let i = lane; i < (end - g) / 8; i += 2) {
        const b = m[g / 8 + i]! + m[down / 8 + i]! - from;
        const a = own + m[diagonal / 8 + i]! - 2 * f[k / 4 + i]!;
        const value = (b * Math.abs(b)) / (tau < a ? a : tau);
        if (value > best) {
          best = value;
          at = i;
        }
      }
      m[result / 8 + lane] = best;
      m[result / 8 + 2 + lane] = at;
    }
  },
});
