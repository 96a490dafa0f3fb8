/**
 * Random numbers that are the same on every machine, for the data of the examples: NumPy's `default_rng(seed)` (SeedSequence, PCG64,
 * 256-strip ziggurat) in JavaScript. NumPy's, and no simpler generator, so that `make.py` and readers with a notebook draw the same rows.
 */
const [LOW32, LOW64, LOW128] = [(1n << 32n) - 1n, (1n << 64n) - 1n, (1n << 128n) - 1n];

/** NumPy's SeedSequence for a small whole number: 32-bit words that start the generator. */
function seedWords(seed, count) {
  const mixer = (start, factor) => {
    let k = start;
    return (value) => {
      let v = value ^ k;
      k = Math.imul(k, factor);
      v = Math.imul(v, k);
      return (v ^ (v >>> 16)) >>> 0;
    };
  };
  const mix = (x, y) => {
    const v = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0;
    return (v ^ (v >>> 16)) >>> 0;
  };
  const into = mixer(0x43b0d7e5, 0x931e8875);
  const pool = [seed >>> 0, 0, 0, 0].map(into);
  for (let from = 0; from < 4; from++) for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], into(pool[from]));
  const out = mixer(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: count }, (_, i) => out(pool[i % 4]));
}

/** The 256 strips of equal area under the bell curve: right edges, their heights, and the share of a strip that needs no look at the curve. */
function strips() {
  const [edge, area] = [3.6541528853610088, 0.00492867323397466];
  const height = (x) => Math.exp(-0.5 * x * x);
  const x = new Float64Array(256);
  x[255] = edge;
  for (let i = 255; i > 1; i--) x[i - 1] = Math.sqrt(-2 * Math.log(height(x[i]) + area / x[i]));
  const right = x.slice();
  right[0] = area / height(edge);
  return { edge, right, height: x.map(height), sure: x.map((_, i) => (i === 0 ? edge / right[0] : x[i - 1] / x[i])) };
}

const table = strips();

/** Like `numpy.random.default_rng(seed)`: `uniform`, `normal` and `permutation`. */
export function randomOf(seed) {
  const word = (w, i) => BigInt(w[2 * i]) | (BigInt(w[2 * i + 1]) << 32n);
  const words = seedWords(seed, 8);
  const factor = 0x2360ed051fc65da44385df649fccf645n;
  const step = (((word(words, 2) << 64n) | word(words, 3)) << 1n) | 1n;
  let state = ((step & LOW128) + ((word(words, 0) << 64n) | word(words, 1))) & LOW128;
  const advance = () => (state = (state * factor + step) & LOW128);
  advance();
  let half = null;

  const bits64 = () => {
    const s = advance();
    const [v, turn] = [((s >> 64n) ^ s) & LOW64, s >> 122n];
    return ((v >> turn) | (v << (64n - turn))) & LOW64;
  };
  const bits32 = () => {
    if (half !== null) { const kept = half; half = null; return kept; }
    const v = bits64();
    half = v >> 32n;
    return v & LOW32;
  };
  const unit = () => Number(bits64() >> 11n) / 2 ** 53;
  const tail = () => {
    for (;;) {
      const x = -Math.log1p(-unit()) / table.edge;
      const y = -Math.log1p(-unit());
      if (y + y > x * x) return table.edge + x;
    }
  };
  const standardNormal = () => {
    for (;;) {
      const v = bits64();
      const strip = Number(v & 0xffn);
      const mantissa = (v >> 9n) & ((1n << 52n) - 1n);
      const share = Number(mantissa) / 2 ** 52;
      const sign = (v >> 8n) & 1n ? -1 : 1;
      const x = share * table.right[strip];
      if (share < table.sure[strip]) return sign * x;
      if (strip === 0) return (mantissa >> 8n) & 1n ? -tail() : tail();
      if ((table.height[strip - 1] - table.height[strip]) * unit() + table.height[strip] < Math.exp(-0.5 * x * x)) return sign * x;
    }
  };
  /** A whole number from 0 to `most`: bits under a mask, drawn again while too large. */
  const upTo = (most) => {
    const mask = (1n << BigInt(most.toString(2).length)) - 1n;
    for (;;) { const v = Number(bits32() & mask); if (v <= most) return v; }
  };
  const permutation = (count) => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) { const j = upTo(i); [order[i], order[j]] = [order[j], order[i]]; }
    return order;
  };
  return { uniform: (low = 0, high = 1) => low + (high - low) * unit(), normal: (mean = 0, deviation = 1) => mean + deviation * standardNormal(), permutation };
}
