"""Ask the service through ``augury.Client``: ``python client.py [URL]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import augury

url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:9696"
customer = json.loads(Path(__file__).with_name("customer.json").read_text("utf-8"))

with augury.Client(url) as client:
    print(f"prediction: {client.predict(customer).probability:.3f}")

    # Any number of customers, a thousand a request, in order; a refused one has its faults and holds up no other.
    customers = [customer, {**customer, "contract": "month-to-month", "tenure": 2}, {**customer, "tenure": "12"}]
    for answer in client.predict_many(customers):
        if isinstance(answer, augury.RecordError):
            print(answer)
        else:
            print("Churn" if answer.label else "Not churn", f"{answer.probability:.3f}")
