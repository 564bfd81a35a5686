"""vetiver: its own application over the twin, checked by the prototype of one row."""

from __future__ import annotations

import os
from pathlib import Path

import joblib
import pandas as pd
from vetiver import VetiverAPI, VetiverModel

folder = Path(os.environ["BENCH_FOLDER"])
prototype = pd.read_csv(folder / "twin.csv")
app = VetiverAPI(VetiverModel(joblib.load(folder / "twin.joblib"), "churn", prototype_data=prototype)).app
