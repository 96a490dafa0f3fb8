"""Trains the models that all peers are given, and writes them with their data to `out/<data>/<model>/`.

Source of truth: scikit-learn 1.9.1, split stratified 70/30 with seed 7; trees take raw features, all other models
standardised ones (rounded to float32, as a device would get them). Run: `python models.py [--data iris,wine] [--models dt,rf]`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
SEED = 7
DATA = ("rgb", "iris", "wine", "bc", "digits")
RAW = ("dt", "rf", "et", "gb", "xgb", "lgbm")


@dataclass(frozen=True)
class Split:
    """One data set; x_* are float32 of shape (rows, features), y_* integers."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str


def shared_folder() -> Path | None:
    """The folder of bigger checks: $COINCELL_SHARED, else `shared` beside the repository; None where there is none."""
    place = Path(os.environ.get("COINCELL_SHARED", HERE.parents[2] / "shared"))
    return place if place.is_dir() else None


def fixture_folder(data: str) -> Path | None:
    """The committed train/test CSVs of a data set in the shared folder, if they stand there."""
    shared = shared_folder()
    folder = shared / "fixtures" / "classical" / "sk191" / data if shared else None
    return folder if folder and (folder / "train_raw.csv").exists() else None


def own_rgb() -> tuple[np.ndarray, np.ndarray]:
    """720 modelled colour-sensor readings: six colours under varying light and sensor noise; counts 0..255."""
    centres = {  # red green blue yellow white none
        0: (168, 53, 48), 1: (69, 136, 64), 2: (50, 80, 149), 3: (150, 121, 44), 4: (109, 110, 101), 5: (40, 41, 38),
    }
    rng = np.random.default_rng(SEED)
    rows, labels = [], []
    for label, centre in centres.items():
        light = rng.uniform(0.65, 1.35, size=(120, 1))
        noise = rng.normal(0, 4, size=(120, 3))
        rows.append(np.clip(np.rint(np.array(centre) * light + noise), 0, 255))
        labels.append(np.full(120, label))
    return np.vstack(rows), np.concatenate(labels)


def read_fixture(folder: Path) -> Split:
    """The split as committed in the shared folder (no header, label last)."""
    train, test = (np.loadtxt(folder / f"{part}_raw.csv", delimiter=",") for part in ("train", "test"))
    f32 = lambda a: a[:, :-1].astype(np.float32)
    ints = lambda a: a[:, -1].astype(int)
    return Split(f32(train), ints(train), f32(test), ints(test), "shared-rgb")


def load(data: str) -> Split:
    """The data set by its short name, split."""
    folder = fixture_folder(data)
    if data == "rgb" and folder:
        return read_fixture(folder)
    loaders: dict[str, Callable[..., Any]] = {
        "iris": load_iris, "wine": load_wine, "bc": load_breast_cancer, "digits": load_digits,
    }
    x, y = own_rgb() if data == "rgb" else loaders[data](return_X_y=True)
    parts = train_test_split(x.astype(np.float32), y.astype(int), test_size=0.3, stratify=y, random_state=SEED)
    x_train, x_test, y_train, y_test = parts
    return Split(x_train, y_train, x_test, y_test, "own-rgb" if data == "rgb" else "scikit-learn")


def estimators() -> dict[str, Any]:
    """Fresh, unfitted models by short name."""
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    forest = {"n_estimators": 10, "max_depth": 6, "random_state": SEED}
    boost = {"n_estimators": 10, "max_depth": 3, "random_state": SEED}
    svc = {"C": 1.0, "gamma": 0.05, "random_state": SEED}
    return {
        "dt": DecisionTreeClassifier(max_depth=6, random_state=SEED),
        "rf": RandomForestClassifier(**forest),
        "et": ExtraTreesClassifier(**forest),
        "gb": GradientBoostingClassifier(**boost),
        "xgb": XGBClassifier(**boost, n_jobs=1),
        "lgbm": LGBMClassifier(**boost, n_jobs=1, verbose=-1),
        "lr": LogisticRegression(max_iter=2000, random_state=SEED),
        "lsvc": LinearSVC(max_iter=20000, random_state=SEED),
        "svcl": SVC(kernel="linear", **svc),
        "svcr": SVC(kernel="rbf", **svc),
        "svcp": SVC(kernel="poly", degree=3, coef0=1.0, **svc),
        "gnb": GaussianNB(),
        "mlp": MLPClassifier(hidden_layer_sizes=(16,), max_iter=1500, random_state=SEED),
        "knn": KNeighborsClassifier(n_neighbors=3),
        "lda": LinearDiscriminantAnalysis(),
    }


def write_rows(path: Path, x: np.ndarray, y: np.ndarray | None = None) -> None:
    """CSV with header f0..fn[,label]; values are float32 in %.9g."""
    head = [f"f{i}" for i in range(x.shape[1])] + ([] if y is None else ["label"])
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        for i, row in enumerate(x):
            out.writerow([f"{float(v):.9g}" for v in row] + ([] if y is None else [int(y[i])]))


def dump(path: Path, value: Any) -> None:
    """A pickle as a user would write it (Python's default protocol)."""
    with path.open("wb") as file:
        pickle.dump(value, file)


def native_files(folder: Path, name: str, model: Any) -> None:
    """The booster's own file beside the pickle."""
    if name == "xgb":
        model.get_booster().save_model(folder / "xgb.json")
    if name == "lgbm":
        model.booster_.save_model(folder / "lgbm.txt")


def check_committed(data: str, name: str, pred: np.ndarray) -> bool | None:
    """Whether the predictions equal the committed ones; None where none are committed."""
    folder = fixture_folder(data)
    path = folder / f"{name}.pred.csv" if folder else None
    if path is None or not path.exists():
        return None
    committed = np.loadtxt(path, delimiter=",", ndmin=2)[:, 0].astype(int)
    return bool(np.array_equal(committed, pred.astype(int)))


def train_one(data: str, name: str, split: Split, scaler: StandardScaler) -> dict[str, Any]:
    """Fits one model, writes its folder, and returns its line of the index."""
    folder = OUT / data / name
    folder.mkdir(parents=True, exist_ok=True)
    scaled = name not in RAW
    to_input = (lambda x: scaler.transform(x.astype(float)).astype(np.float32)) if scaled else (lambda x: x)
    x_train, x_test = to_input(split.x_train), to_input(split.x_test)
    model = estimators()[name].fit(x_train.astype(float) if scaled else x_train, split.y_train)
    pred = np.asarray(model.predict(x_test.astype(float) if scaled else x_test)).astype(int)
    pipeline = Pipeline([("scaler", scaler), ("model", model)]) if scaled else model
    whole = np.asarray(pipeline.predict(split.x_test.astype(float) if scaled else split.x_test)).astype(int)
    dump(folder / "model.pkl", model)
    dump(folder / "pipeline.pkl", pipeline)
    native_files(folder, name, model)
    write_rows(folder / "train.csv", split.x_train, split.y_train)
    write_rows(folder / "test.csv", split.x_test, split.y_test)
    write_rows(folder / "test_scaled.csv", x_test, split.y_test)
    (folder / "pred.csv").write_text("label\n" + "".join(f"{v}\n" for v in pred))
    return {
        "data": data, "model": name, "class": type(model).__name__, "scaled": scaled, "source": split.source,
        "features": int(split.x_test.shape[1]), "classes": int(len(np.unique(split.y_train))),
        "train": len(split.y_train), "test": len(split.y_test),
        "accuracy": float(np.mean(pred == split.y_test)), "asCommitted": check_committed(data, name, pred),
        "pipelineEqual": bool(np.array_equal(whole, pred)),
    }


def train_data(data: str, names: list[str]) -> list[dict[str, Any]]:
    """All asked models of one data set."""
    split = load(data)
    scaler = StandardScaler().fit(split.x_train.astype(float))
    print(f"data: {split.source if data == 'rgb' else data}")
    lines = []
    for name in names:
        line = train_one(data, name, split, scaler)
        same = {True: "as committed", False: "DIFFERS from committed", None: ""}[line["asCommitted"]]
        print(f"  {name:5} accuracy {line['accuracy']:.4f} {same}", flush=True)
        lines.append(line)
    return lines


def write_index(lines: list[dict[str, Any]]) -> None:
    """Merges the new lines into out/index.json, so that a partial run keeps the rest."""
    path = OUT / "index.json"
    old = json.loads(path.read_text())["models"] if path.exists() else []
    merged = {(m["data"], m["model"]): m for m in old + lines}
    path.write_text(json.dumps({"seed": SEED, "models": list(merged.values())}, indent=1) + "\n")


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--data", default=",".join(DATA))
    args.add_argument("--models", default=",".join(estimators()))
    given = args.parse_args()
    warnings.filterwarnings("ignore")
    lines = [line for data in given.data.split(",") for line in train_data(data, given.models.split(","))]
    write_index(lines)
    if any(line["asCommitted"] is False for line in lines):
        raise SystemExit("some models differ from the committed predictions")


if __name__ == "__main__":
    main()
