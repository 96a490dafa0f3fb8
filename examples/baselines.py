"""scikit-learn on the rows of an example, for comparison: `python examples/baselines.py TRAIN.csv TEST.csv [group column]`

Settings are chosen by 5-fold cross-validation on the training rows (by group where there is one); test rows only measure.
"""
import csv
import sys

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

FAMILIES = [
    (SVC(), {"C": [0.1, 1, 10, 100, 1000], "gamma": ["scale", 0.01, 0.1]}),
    (SVC(kernel="linear"), {"C": [0.01, 0.1, 1, 10, 100]}),
    (RandomForestClassifier(300, random_state=0), {"max_features": ["sqrt", None]}),
    (ExtraTreesClassifier(300, random_state=0), {"max_features": ["sqrt", None]}),
    (HistGradientBoostingClassifier(random_state=0), {"max_leaf_nodes": [7, 31]}),
    (LogisticRegression(max_iter=5000), {"C": [0.1, 1, 10, 100]}),
    (GaussianNB(), {}),
    (KNeighborsClassifier(), {"n_neighbors": [1, 3, 5, 9, 15]}),
]


def table(name, group):
    """(x, y, groups or None): the label is the last column."""
    with open(name) as f:
        rows = list(csv.DictReader(f))
    columns = [c for c in rows[0] if c not in (group, list(rows[0])[-1])]
    label = list(rows[0])[-1]
    x = np.array([[float(r[c]) for c in columns] for r in rows])
    return x, np.array([r[label] for r in rows]), np.array([r[group] for r in rows]) if group else None


def main(train, test, group=None):
    x, y, groups = table(train, group)
    test_x, test_y, _ = table(test, group)
    folds = list((GroupKFold(5).split(x, y, groups)) if group else StratifiedKFold(5, shuffle=True, random_state=0).split(x, y))
    for family, grid in FAMILIES:
        name = type(family).__name__.lower()
        search = GridSearchCV(make_pipeline(StandardScaler(), family), {"%s__%s" % (name, k): v for k, v in grid.items()}, cv=folds).fit(x, y)
        found = ", ".join("%s %s" % (k.split("__")[1], v) for k, v in search.best_params_.items())
        kernel = " (linear)" if getattr(family, "kernel", "") == "linear" else ""
        print("| %s%s | %s | %.2f %% | %.2f %% |" % (type(family).__name__, kernel, found, 100 * search.best_score_, 100 * search.score(test_x, test_y)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
