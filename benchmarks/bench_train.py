"""How long does training on a million rows take, beside scikit-learn's own fit of the same pipeline and folds?

Both read the same CSV file, choose C among the same values by the same five folds, fit once more on four fifths of the
rows, and say the AUC of the rest. Augury learns a contract besides, proves parity and evaluates with intervals. For
scikit-learn pandas reads the file, and `LogisticRegressionCV` chooses C along its path behind one preparation, which
lets each fold see how the others are scaled; `GridSearchCV` over the whole pipeline takes many times as long.

How this could mislead: the rows are drawn from the bundled model's profile, each field by itself, and their class by a
coin thrown at the model's own probability; columns with many levels, or many more columns, shift the work.
`AUGURY_BENCH_ROWS` says how many rows, and `AUGURY_BENCH_TABLE` names a file of one's own with a column Churn.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import rounds
from peak import read_peak

ROWS = int(os.environ.get("AUGURY_BENCH_ROWS", "1000000"))
TABLE = Path(
    os.environ.get("AUGURY_BENCH_TABLE") or Path(tempfile.gettempdir()) / f"augury-bench-train-{os.getuid()}-{ROWS}.csv"
)
STRENGTHS = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]  # as the recipe has them


def draw_table() -> None:
    """Draw the table, with a class for each row, unless it is there."""
    if TABLE.exists():
        return
    from augury.api import load_bundled
    from augury.profile import draw_record

    model, drawn = load_bundled(), random.Random(1)  # noqa: S311 - nothing secret is drawn
    records = [draw_record(model.contract, model.document.model.profile, drawn) for _ in range(min(ROWS, 50_000))]
    rows = [(*record.values(), model.predict_one(record).probability) for record in records]
    part = TABLE.with_suffix(".part")
    with part.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*records[0], "Churn"])
        for _ in range(ROWS):
            *cells, probability = rows[drawn.randrange(len(rows))]
            writer.writerow([*cells, "Yes" if drawn.random() < probability else "No"])
    part.replace(TABLE)


def measure(train: Callable[[], float]) -> dict[str, float]:
    """Measure seconds, the largest memory in MiB, and the AUC."""
    began = perf_counter()
    auc = train()
    mebibytes = read_peak(resource.RUSAGE_SELF) / (1 << 20)
    return {"seconds": perf_counter() - began, "MiB": mebibytes, "auc": auc}


def train_augury() -> float:
    """Train as the command does."""
    import augury

    found = augury.train(TABLE, target="Churn").evaluation.metrics.auc
    return found.value if found else 0.0


def train_sklearn() -> float:
    """Fit the same pipeline on the same rows, and choose C among the same values by the same folds."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pd.read_csv(TABLE)
    target = table.pop("Churn") == "Yes"
    numbers = [name for name in table if pd.api.types.is_numeric_dtype(table[name])]
    texts = [name for name in table if name not in numbers]
    encoder = OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist", sparse_output=False)
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("texts", encoder, texts),
        ]
    )
    fitting, held, fitting_target, held_target = train_test_split(
        table, target, test_size=0.2, random_state=1, stratify=target
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    chosen = make_pipeline(
        prepare,
        LogisticRegressionCV(Cs=STRENGTHS, cv=folds, scoring="neg_log_loss", solver="newton-cholesky", max_iter=1000),
    )
    with warnings.catch_warnings(action="ignore"):  # of LogisticRegressionCV's defaults, which will change
        chosen.fit(fitting, fitting_target)
    return float(roc_auc_score(held_target, chosen.predict_proba(held)[:, 1]))


def report() -> None:
    """Print one line a rival, and the ratio."""
    draw_table()
    rounds.print_header(__doc__.splitlines()[0], ["scikit-learn", "numpy", "pandas"])
    print(f"  {ROWS:,} rows\n\n  {'':<14}{'seconds':>10}{'spread':>16}{'peak MiB':>12}{'AUC':>10}")
    figures = rounds.run_rounds(list(RIVALS), timeout=3600)
    medians = {}
    for rival, found in figures.items():
        taken = sorted(each["seconds"] for each in found)
        medians[rival] = taken[len(taken) // 2]
        peak = max(each["MiB"] for each in found)
        spread = f"{taken[0]:.1f} to {taken[-1]:.1f}"
        print(f"  {rival:<14}{medians[rival]:>10.1f}{spread:>16}{peak:>12,.0f}{found[0]['auc']:>10.4f}")
    print(f"\n  augury takes {medians['augury'] / medians['scikit-learn']:.2f} times as long as scikit-learn")


RIVALS = {"augury": lambda: measure(train_augury), "scikit-learn": lambda: measure(train_sklearn)}

if __name__ == "__main__":
    rounds.main(RIVALS, report)
