"""LitServe: one worker, no batching, no acceleration; it reads the annotations, so they stand unquoted here."""

import sys
from typing import Any

import litserve
from customer import Customer


class Churn(litserve.LitAPI):
    """The lab's model."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe's signature
        """Load the model in the worker."""
        from pair import score

        self._score = score

    def decode_request(self, request: Customer) -> dict[str, Any]:
        """Take the customer that pydantic checked."""
        return request.model_dump()

    def predict(self, customer: dict[str, Any]) -> float:
        """Score it."""
        return self._score(customer)

    def encode_response(self, churn: float) -> dict[str, object]:
        """Answer."""
        return {"churn_probability": churn, "churn": churn >= 0.5}


if __name__ == "__main__":
    server = litserve.LitServer(Churn(), accelerator="cpu", workers_per_device=1)
    port = int(sys.argv[1])
    server.run(host="127.0.0.1", port=port, num_api_servers=1, log_level="error", generate_client_file=False)
