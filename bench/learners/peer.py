"""scikit-learn as the peer of bench/learners: prepares the data sets, then fits on request (one JSON object a line)."""
import csv, io, json, os, sys, tarfile, time
import numpy as np
from sklearn import datasets, ensemble, metrics, model_selection, tree
from threadpoolctl import threadpool_limits

out, shared, cores = sys.argv[1], sys.argv[2], os.cpu_count() or 1
SEEDS = range(5)


def save(name, seed, x, y, xt, yt, classes):
    base = f"{out}/{name}-{seed}"
    for part, a, b in (("train", x, y), ("test", xt, yt)):
        np.ascontiguousarray(a, dtype="<f4").tofile(f"{base}-{part}.x")
        np.ascontiguousarray(b, dtype="<f8").tofile(f"{base}-{part}.y")
    return {"name": name, "seed": seed, "rows": len(x), "test": len(xt), "features": x.shape[1], "classes": int(classes)}


def builtin(name, load, classes=True):
    d = load()
    for s in SEEDS:
        a, b, c, e = model_selection.train_test_split(d.data, d.target, test_size=0.3, random_state=s, stratify=d.target if classes else None)
        yield save(name, s, a, c, b, e, len(d.target_names) if classes else 0)


def table(name, label, skip=()):
    path = f"{shared}/{name}.tar.gz"
    if not os.path.exists(path):
        return
    with tarfile.open(path) as t:
        rows = list(csv.DictReader(io.TextIOWrapper(t.extractfile(f"{name}/public/data.csv"))))
    names = [k for k in rows[0] if k not in (label, "part", *skip)]
    x = np.array([[float(r[k]) if r[k] else np.nan for k in names] for r in rows], dtype=np.float32)
    labels, y = np.unique([r[label] for r in rows], return_inverse=True)
    train = np.array([r["part"] == "train" for r in rows])
    # Gaps take the median of the training rows, on both sides.
    x = np.where(np.isnan(x), np.nanmedian(x[train], axis=0), x)
    for s in SEEDS:
        yield save(name, s, x[train], y[train], x[~train], y[~train], len(labels))


def made():
    x, y = datasets.make_classification(8000, 50, n_informative=12, n_redundant=5, n_classes=4, random_state=1)
    x, y = x.astype(np.float32), y
    for s in range(2):
        yield save("made-6000x50", s, x[:6000], y[:6000], x[6000:], y[6000:], 4)
    for s in SEEDS:
        x, y = datasets.make_friedman1(4000, 10, noise=1.0, random_state=s)
        yield save("friedman1", s, x[:2000], y[:2000], x[2000:], y[2000:], 0)


def prepare():
    yield from builtin("iris", datasets.load_iris)
    yield from builtin("wine", datasets.load_wine)
    yield from builtin("breast_cancer", datasets.load_breast_cancer)
    yield from builtin("digits", datasets.load_digits)
    yield from table("colour_fruit", "label")
    yield from table("synth_colour", "label")
    yield from table("har_wisdm", "class", ("user",))
    yield from builtin("diabetes", datasets.load_diabetes, classes=False)
    yield from made()


def model(learner, classes, seed, jobs):
    c = classes > 0
    if learner == "tree":
        return (tree.DecisionTreeClassifier if c else tree.DecisionTreeRegressor)(random_state=seed)
    if learner == "forest":
        return (ensemble.RandomForestClassifier if c else ensemble.RandomForestRegressor)(100, random_state=seed, n_jobs=jobs)
    if learner == "extra-trees":
        return (ensemble.ExtraTreesClassifier if c else ensemble.ExtraTreesRegressor)(100, random_state=seed, n_jobs=jobs)
    if learner == "boosting":
        return (ensemble.HistGradientBoostingClassifier if c else ensemble.HistGradientBoostingRegressor)(max_iter=100, early_stopping=False, random_state=seed)
    return ensemble.IsolationForest(n_estimators=100, random_state=seed, n_jobs=jobs)


def read(r, part):
    base = f"{out}/{r['name']}-{r['seed']}-{part}"
    return np.fromfile(base + ".x", "<f4").reshape(-1, r["features"]), np.fromfile(base + ".y", "<f8")


def fit(r):
    x, y = read(r, "train")
    xt, yt = read(r, "test")
    anomaly = r["learner"] == "isolation-forest"
    if anomaly:
        x = x[y == 1]
    best = {}
    for jobs in sorted({1, cores if r["parallel"] else 1}):
        best[jobs] = [np.inf, np.inf]
        for _ in range(r["repeats"] if jobs == 1 else 1):
            m = model(r["learner"], r["classes"], r["seed"], jobs)
            with threadpool_limits(jobs):
                wall, cpu = time.perf_counter(), time.process_time()
                m.fit(x) if anomaly else m.fit(x, y)
                now = [time.perf_counter() - wall, time.process_time() - cpu]
            best[jobs] = [min(a, b) for a, b in zip(best[jobs], now)]
    if anomaly:
        score = metrics.roc_auc_score(yt, m.decision_function(xt))
    else:
        score = m.score(xt, yt)
    return {"score": float(score), "wall": best[1][0], "cpu": best[1][1], "parallel": best[max(best)][0]}


if __name__ == "__main__":
    print(json.dumps(list(prepare())), flush=True)
    for line in sys.stdin:
        print(json.dumps(fit(json.loads(line))), flush=True)
