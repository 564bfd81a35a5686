"""BentoML: a service with a pydantic model in and out, and one worker."""

from __future__ import annotations

import bentoml
from customer import Answer, Customer


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Churn:
    """The lab's model."""

    def __init__(self) -> None:
        from pair import score

        self._score = score

    @bentoml.api(route="/predict", input_spec=Customer)
    async def predict(self, **customer: object) -> Answer:
        """Answer one customer."""
        churn = self._score(customer)
        return Answer(churn_probability=churn, churn=churn >= 0.5)
