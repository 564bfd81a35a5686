"""Ask the service about one customer, as the lab's client does: ``python flask_test.py``. It needs ``requests``."""

from __future__ import annotations

import json
from pathlib import Path

import requests

url = "http://localhost:9696/predict"
customer = json.loads(Path(__file__).with_name("customer.json").read_text("utf-8"))

response = requests.post(url, json=customer, timeout=10).json()
print(response)

if response["churn"]:
    print("sending a promotional email to", customer["customerid"])
else:
    print("no email to", customer["customerid"])
