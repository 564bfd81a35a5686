"""FastAPI, pydantic and scikit-learn; ``async`` spares the thread that ``def`` would cost."""

from __future__ import annotations

from customer import Answer, Customer
from fastapi import FastAPI
from pair import score

app = FastAPI()


@app.post("/predict")
async def predict(customer: Customer) -> Answer:
    """Answer one customer."""
    churn = score(customer.model_dump())
    return Answer(churn_probability=churn, churn=churn >= 0.5)
