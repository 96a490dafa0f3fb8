/** Adam (Kingma, Ba: ICLR 2015) on typed arrays; only additions, products, divisions and square roots, so every machine gives the same bits. */
export interface Adam {
  /** One step down `grad`; `grad` is zeroed. */
  step(p: Float64Array, grad: Float64Array, rate: number): void;
}

export function makeAdam(size: number): Adam {
  const m = new Float64Array(size);
  const v = new Float64Array(size);
  let [one, two] = [1, 1];
  return {
    step: (p, grad, rate) => {
      one *= 0.9;
      two *= 0.999;
      const pace = (rate * Math.sqrt(1 - two)) / (1 - one);
      for (let i = 0; i < size; i++) {
        const g = grad[i]!;
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        p[i]! -= (pace * m[i]!) / (Math.sqrt(v[i]!) + 1e-8);
        grad[i] = 0;
      }
    },
  };
}
