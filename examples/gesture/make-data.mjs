/**
 * Makes `train.csv` and `test.csv` of this example: `node examples/gesture/make-data.mjs [--check]`. Seeded, no measured data.
 *
 * Every person (`motion.mjs`: own speed, vigour, tilt of the arm, crooked strap, sensor offset) makes every gesture several times.
 * The modelled accelerometer has ±4 g in 8 bits (31.25 mg a count, as an LIS2DH in its low-power mode), 50 readings a second, each
 * the average of eight moments (its filter), noise of 12 mg. A window of 100 readings (2 s) becomes the columns of `features.mjs`.
 * No person stands in both files.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { randomOf } from "../random.mjs";
import { writeOrCheck } from "../rows.mjs";
import { axisFeatures, names } from "./features.mjs";
import { feltBy, gestures, personOf } from "./motion.mjs";

const [readings, perSecond, moments, noise, countsPerG] = [100, 50, 8, 0.012, 32];
const axes = ["x", "y", "z"];

/** One window: 100 readings of 8-bit counts for each axis. */
function windowOf(random, person, name) {
  const felt = feltBy(random, person, name);
  const counts = axes.map(() => []);
  for (let i = 0; i < readings; i++) {
    const seen = Array.from({ length: moments }, (_, k) => felt((i + k / moments) / perSecond));
    axes.forEach((_, a) => {
      const g = seen.reduce((sum, s) => sum + s[a], 0) / moments + random.normal(0, noise);
      counts[a].push(Math.min(127, Math.max(-128, Math.round(g * countsPerG))));
    });
  }
  return counts;
}

function table(random, people, repeats) {
  const header = [...axes.flatMap((a) => names.map((n) => `${a}_${n}`)), "person", "label"];
  const rows = people.flatMap((name) => {
    const person = personOf(random);
    return Object.keys(gestures).flatMap((label) => Array.from({ length: repeats }, () => [...windowOf(random, person, label).flatMap(axisFeatures), name, label]));
  });
  return { header, rows: random.permutation(rows.length).map((i) => rows[i]) };
}

const people = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => `p${String(from + i).padStart(2, "0")}`);

const random = randomOf(85);
writeOrCheck(dirname(fileURLToPath(import.meta.url)), { "train.csv": table(random, people(1, 14), 8), "test.csv": table(random, people(15, 24), 10) });
