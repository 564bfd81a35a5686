"""The lab's customer as pydantic has it, for the rivals that check what they are sent: levels and ranges by name."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

YesNo = Literal["yes", "no"]
Internet = Literal["yes", "no", "no_internet_service"]


class Customer(BaseModel):
    """One customer, in the lab's spelling."""

    model_config = ConfigDict(extra="ignore")

    gender: Literal["female", "male"]
    seniorcitizen: Literal[0, 1]
    partner: YesNo
    dependents: YesNo
    tenure: int = Field(ge=0, le=72)
    phoneservice: YesNo
    multiplelines: Literal["yes", "no", "no_phone_service"]
    internetservice: Literal["dsl", "fiber_optic", "no"]
    onlinesecurity: Internet
    onlinebackup: Internet
    deviceprotection: Internet
    techsupport: Internet
    streamingtv: Internet
    streamingmovies: Internet
    contract: Literal["month-to-month", "one_year", "two_year"]
    paperlessbilling: YesNo
    paymentmethod: Literal["bank_transfer_(automatic)", "credit_card_(automatic)", "electronic_check", "mailed_check"]
    monthlycharges: float = Field(ge=0, le=200)
    totalcharges: float = Field(ge=0, le=10_000)


class Answer(BaseModel):
    """The lab's answer."""

    churn_probability: float
    churn: bool
