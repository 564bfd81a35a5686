"""MLflow's own folder of the twin, with the signature that its server checks records by: written before the start."""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    twin, rows = joblib.load(folder / "twin.joblib"), pd.read_csv(folder / "twin.csv")
    mlflow.sklearn.save_model(
        twin,
        folder / "mlflow",
        signature=infer_signature(rows, twin.predict_proba(rows)),
        pyfunc_predict_fn="predict_proba",
        pip_requirements=["mlflow", "scikit-learn"],
    )
