"""FastAPI and pydantic, with the compiled model in place of scikit-learn."""

from __future__ import annotations

from customer import Answer, Customer
from fastapi import FastAPI

import augury.api

app = FastAPI()
model = augury.api.load_bundled()


@app.post("/predict")
async def predict(customer: Customer) -> Answer:
    """Answer one customer."""
    predicted = model.predict_one(customer.model_dump())
    return Answer(churn_probability=predicted.probability, churn=predicted.label)
