"""The lab's own way of serving, for the benchmarks to stand beside: its model, its function, its customer."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "models"))

CUSTOMER: dict[str, object] = {
    "customerid": "8879-zkjof",
    "gender": "female",
    "seniorcitizen": 0,
    "partner": "no",
    "dependents": "no",
    "tenure": 41,
    "phoneservice": "yes",
    "multiplelines": "no",
    "internetservice": "dsl",
    "onlinesecurity": "yes",
    "onlinebackup": "no",
    "deviceprotection": "yes",
    "techsupport": "yes",
    "streamingtv": "yes",
    "streamingmovies": "yes",
    "contract": "one_year",
    "paperlessbilling": "yes",
    "paymentmethod": "bank_transfer_(automatic)",
    "monthlycharges": 79.85,
    "totalcharges": 3320.75,
}
# The same customer as the raw table spells him.
RAW_CUSTOMER: dict[str, object] = {
    "customerID": "8879-ZKJOF",
    "gender": "Female",
    "SeniorCitizen": 0,
    "Partner": "No",
    "Dependents": "No",
    "tenure": 41,
    "PhoneService": "Yes",
    "MultipleLines": "No",
    "InternetService": "DSL",
    "OnlineSecurity": "Yes",
    "OnlineBackup": "No",
    "DeviceProtection": "Yes",
    "TechSupport": "Yes",
    "StreamingTV": "Yes",
    "StreamingMovies": "Yes",
    "Contract": "One year",
    "PaperlessBilling": "Yes",
    "PaymentMethod": "Bank transfer (automatic)",
    "MonthlyCharges": 79.85,
    "TotalCharges": 3320.75,
}


def find_table() -> Path:
    """Find the public churn table: ``AUGURY_TELCO_CSV``, else where ``augury dataset telco`` keeps it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = Path(os.environ.get("AUGURY_TELCO_CSV") or cache / "augury" / "telco-customer-churn.csv")
    if not path.exists():
        sys.exit(f"{path}: the public churn table is not there; `augury dataset telco` fetches it")
    return path


def train_pair() -> tuple[Any, Any]:
    """Train the lab's pair on the public table."""
    import lab_pair

    return lab_pair.train(lab_pair.prepare(find_table()))


def predict_single(customer: Mapping[str, object], dv: Any, model: Any) -> float:
    """Score one customer as the lab does."""
    columns = dv.transform([customer])
    return float(model.predict_proba(columns)[0, 1])
