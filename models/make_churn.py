"""Make the bundled churn model: train the lab's pair on the public telco table and compile it with the table as sample.

Run ``python models/make_churn.py TABLE`` (``augury dataset telco -o TABLE`` fetches it) in an environment with
scikit-learn and pandas. The same table, versions and seed give the same bytes.

At its default tolerance liblinear stops before it has converged on this table, and where it stops hangs on the last bit
of its sums: with the rows in another order, or other BLAS kernels, the lab's customer gets 0.0596 or 0.0619, seldom
0.0635; converged it is 0.0676 (benchmarks/bench_liblinear.py, scikit-learn 1.9.1). So the kernels are pinned to those
that give what the lab prints.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_CORETYPE"] = "Nehalem"  # SSE4.2, which every x86-64 machine of today has; others ignore it

import argparse
import pickle
from pathlib import Path

import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import augury

CATEGORICAL = [
    "gender",
    "seniorcitizen",
    "partner",
    "dependents",
    "phoneservice",
    "multiplelines",
    "internetservice",
    "onlinesecurity",
    "onlinebackup",
    "deviceprotection",
    "techsupport",
    "streamingtv",
    "streamingmovies",
    "contract",
    "paperlessbilling",
    "paymentmethod",
]
NUMERICAL = ["tenure", "monthlycharges", "totalcharges"]
BUNDLED = Path(__file__).parent.parent / "src" / "augury" / "models" / "churn.augury.json"


def prepare(path: Path) -> pd.DataFrame:
    """Read the raw table as the lab does: names and texts to lower case with ``_``, blank total charges to 0."""
    table = pd.read_csv(path)
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce").fillna(0)
    table.columns = table.columns.str.lower().str.replace(" ", "_")
    for column in table.columns:
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = table[column].str.lower().str.replace(" ", "_")
    return table


def train(table: pd.DataFrame) -> tuple[DictVectorizer, LogisticRegression]:
    """Fit the lab's pair on 80 % of the rows."""
    fitting, _ = train_test_split(table, test_size=0.2, random_state=1)
    vectorizer = DictVectorizer(sparse=False)
    columns = vectorizer.fit_transform(fitting[CATEGORICAL + NUMERICAL].to_dict(orient="records"))
    model = LogisticRegression(solver="liblinear", C=0.5)
    model.fit(columns, (fitting["churn"] == "yes").to_numpy())
    return vectorizer, model


def main() -> None:
    """Train, pickle if asked, compile, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="the public telco table")
    parser.add_argument("-o", "--output", type=Path, default=BUNDLED, help="the artifact to write")
    parser.add_argument("--pickle", type=Path, help="also write the pair as the lab does")
    arguments = parser.parse_args()
    pair = train(prepare(arguments.table))
    if arguments.pickle is not None:
        arguments.pickle.write_bytes(pickle.dumps(pair))
    model = augury.compile(
        pair,
        sample=arguments.table,
        name="churn",
        target="churn",
        identifiers=["customerid"],
        fill={"totalcharges": 0.0},  # what `prepare` puts in place of blanks
    )
    model.save(arguments.output)
    print(f"{arguments.output}: {model.name}@{model.digest}")


if __name__ == "__main__":
    main()
