"""The lab's pair, as the rivals load it: ``BENCH_FOLDER`` has the pickle that the benchmark wrote."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

vectorizer, model = pickle.loads((Path(os.environ["BENCH_FOLDER"]) / "pair.pickle").read_bytes())  # noqa: S301 - the benchmark wrote it


def score(customer: dict[str, Any]) -> float:
    """Score one customer as the lab does."""
    return float(model.predict_proba(vectorizer.transform([customer]))[0, 1])
