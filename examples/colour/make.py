"""Makes the colour-sensor data and the two models of this example. `python make.py` (scikit-learn 1.9.1, numpy, joblib)

A model of a four-photodiode colour sensor: the reflectance of a surface in three bands, lit by the sensor's own lamp and by some
room light, falls off with distance; the diodes see a little of the neighbouring bands; the 8-bit count has noise and clips at 255.
"""
import os
import pickle

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

HERE = os.path.dirname(os.path.abspath(__file__))
# reflectance in the red, green and blue band
COLOURS = {
    "black": (0.05, 0.05, 0.05), "blue": (0.08, 0.16, 0.48), "brown": (0.24, 0.13, 0.08), "green": (0.11, 0.38, 0.15),
    "orange": (0.72, 0.30, 0.09), "red": (0.58, 0.08, 0.07), "white": (0.84, 0.85, 0.80), "yellow": (0.80, 0.68, 0.12),
}
LAMP = np.array([255.0, 235.0, 205.0])  # counts from a perfect white at the nominal distance
CROSSTALK = np.array([[0.90, 0.08, 0.02], [0.07, 0.84, 0.09], [0.02, 0.10, 0.88]])


def counts(rng, reflectance, rows):
    """(rows, 3) counts of one colour at varying distance, room light, gloss and paint batch."""
    batch = np.clip(np.array(reflectance) * rng.normal(1, 0.1, (rows, 3)), 0, 1)
    gloss = rng.uniform(0, 0.02, (rows, 1))
    lamp = LAMP / rng.uniform(0.9, 1.25, (rows, 1)) ** 2
    room = rng.uniform(0, 18, (rows, 1)) * np.array([1.0, 0.9, 0.7])
    light = ((batch + gloss) * (lamp + room)) @ CROSSTALK.T
    noisy = light + 2 + rng.normal(size=(rows, 3)) * np.sqrt(1 + 0.05 * light)
    return np.clip(np.round(noisy), 0, 255).astype(int)


def table(rng, rows):
    """Rows of all colours, shuffled: (x, y)."""
    x = np.concatenate([counts(rng, r, rows) for r in COLOURS.values()])
    y = np.repeat(list(COLOURS), rows)
    order = rng.permutation(len(x))
    return x[order], y[order]


def write(name, x, y):
    with open(os.path.join(HERE, name), "w") as f:
        f.write("r,g,b,label\n")
        f.writelines("%d,%d,%d,%s\n" % (*row, label) for row, label in zip(x, y))


def main():
    rng = np.random.default_rng(2024)
    x, y = table(rng, 60)
    test_x, test_y = table(rng, 30)
    write("train.csv", x, y)
    write("test.csv", test_x, test_y)
    machine = make_pipeline(StandardScaler(), SVC(kernel="rbf", C=10)).fit(x, y)
    forest = RandomForestClassifier(n_estimators=10, max_depth=6, random_state=0).fit(x, y)
    joblib.dump(machine, os.path.join(HERE, "colour_svm.joblib"))
    with open(os.path.join(HERE, "colour_forest.pkl"), "wb") as f:
        pickle.dump(forest, f)
    print("svm %.4f (%d support vectors), forest %.4f" % (machine.score(test_x, test_y), len(machine[-1].support_), forest.score(test_x, test_y)))


if __name__ == "__main__":
    main()
