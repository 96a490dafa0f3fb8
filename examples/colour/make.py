"""Fits the two models of this example on train.csv. `python make.py` (scikit-learn 1.9.1, numpy, joblib)

The rows themselves are made by make-data.mjs, without Python.
"""
import csv
import os
import pickle

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

HERE = os.path.dirname(os.path.abspath(__file__))


def table(name):
    """Rows of a file: (x, y)."""
    with open(os.path.join(HERE, name)) as f:
        rows = list(csv.reader(f))[1:]
    return np.array([[int(v) for v in r[:-1]] for r in rows]), np.array([r[-1] for r in rows])


def main():
    x, y = table("train.csv")
    test_x, test_y = table("test.csv")
    machine = make_pipeline(StandardScaler(), SVC(kernel="rbf", C=10)).fit(x, y)
    forest = RandomForestClassifier(n_estimators=10, max_depth=6, random_state=0).fit(x, y)
    joblib.dump(machine, os.path.join(HERE, "colour_svm.joblib"))
    with open(os.path.join(HERE, "colour_forest.pkl"), "wb") as f:
        pickle.dump(forest, f)
    print("svm %.4f (%d support vectors), forest %.4f" % (machine.score(test_x, test_y), len(machine[-1].support_), forest.score(test_x, test_y)))


if __name__ == "__main__":
    main()
