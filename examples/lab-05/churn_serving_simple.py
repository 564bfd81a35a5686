"""Score one customer and print the verdict: ``python churn_serving_simple.py [MODEL]``.

Without MODEL it is the churn model that comes with Augury.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import augury
from augury.api import load_bundled

model = augury.load(sys.argv[1]) if len(sys.argv) > 1 else load_bundled()
customer = json.loads(Path(__file__).with_name("customer.json").read_text("utf-8"))

prediction = model.predict_one(customer)
print(f"prediction: {prediction.probability:.3f}")
print("verdict: Churn" if prediction.label else "verdict: Not churn")
