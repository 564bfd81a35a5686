"""The lab's Flask application, for gunicorn: ``LAB_PICKLE`` is the file that it unpickles."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request

dv, model = pickle.loads(Path(os.environ["LAB_PICKLE"]).read_bytes())  # noqa: S301 - the lab does so; the benchmark wrote the file itself
app = Flask("churn")


@app.route("/predict", methods=["POST"])
def predict() -> Any:
    """Answer one customer, as the lab does."""
    columns = dv.transform([request.get_json()])
    churn = model.predict_proba(columns)[0, 1]
    return jsonify({"churn_probability": float(churn), "churn": bool(churn >= 0.5)})
