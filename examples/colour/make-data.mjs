/**
 * Makes `train.csv` and `test.csv` of this example: `node examples/colour/make-data.mjs [--check]`. Seeded, no measured data.
 *
 * A model of a four-photodiode colour sensor: the reflectance of a surface in three bands, lit by the sensor's own lamp and by some
 * room light, falls off with distance; the diodes see a little of the neighbouring bands; the 8-bit count has noise and clips at 255.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { randomOf } from "../random.mjs";
import { writeOrCheck } from "../rows.mjs";

/** Share of the light that comes back in the red, green and blue band. */
const colours = {
  black: [0.05, 0.05, 0.05], blue: [0.08, 0.16, 0.48], brown: [0.24, 0.13, 0.08], green: [0.11, 0.38, 0.15],
  orange: [0.72, 0.3, 0.09], red: [0.58, 0.08, 0.07], white: [0.84, 0.85, 0.8], yellow: [0.8, 0.68, 0.12],
};
const lamp = [255, 235, 205]; // counts from a perfect white at the nominal distance
const room = [1, 0.9, 0.7];
/** What each diode (first index) sees of each band (second index). */
const crosstalk = [[0.9, 0.08, 0.02], [0.07, 0.84, 0.09], [0.02, 0.1, 0.88]];
const bands = [0, 1, 2];
const within = (v, low, high) => Math.min(high, Math.max(low, v));

/** `rows` readings of one colour. What varies is drawn for all rows at once, one cause after the other, as a NumPy user would. */
function readings(random, reflectance, rows) {
  const draw = (width, one) => Array.from({ length: rows }, () => Array.from({ length: width }, one));
  const paint = draw(3, () => random.normal(1, 0.1));
  const gloss = draw(1, () => random.uniform(0, 0.02));
  const distance = draw(1, () => random.uniform(0.9, 1.25));
  const daylight = draw(1, () => random.uniform(0, 18));
  const noise = draw(3, () => random.normal());
  return paint.map((batch, i) => {
    const back = bands.map((b) => (within(reflectance[b] * batch[b], 0, 1) + gloss[i][0]) * (lamp[b] / distance[i][0] ** 2 + daylight[i][0] * room[b]));
    return bands.map((diode) => {
      const light = bands.reduce((sum, b) => sum + back[b] * crosstalk[diode][b], 0);
      return within(Math.round(light + 2 + noise[i][diode] * Math.sqrt(1 + 0.05 * light)), 0, 255);
    });
  });
}

function table(random, rowsEach) {
  const rows = Object.entries(colours).flatMap(([name, reflectance]) => readings(random, reflectance, rowsEach).map((r) => [...r, name]));
  return { header: ["r", "g", "b", "label"], rows: random.permutation(rows.length).map((i) => rows[i]) };
}

const random = randomOf(2024);
writeOrCheck(dirname(fileURLToPath(import.meta.url)), { "train.csv": table(random, 60), "test.csv": table(random, 30) });
