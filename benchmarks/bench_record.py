"""How long does it take from the bytes of one customer's JSON to the bytes of the answer?

How this could mislead: the network and the server are left out, and they cost more than either model; the lab's own
function checks nothing, so it does less work than what it is compared with; one customer is scored again and again, so
that every cache is warm for all rivals alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import rounds
from the_lab import CUSTOMER, RAW_CUSTOMER, predict_single, train_pair

LAB = "lab: json.loads, predict_single, json.dumps"


def measure_lab() -> dict[str, float]:
    """Time the lab's view function without its web framework."""
    dv, model = train_pair()
    body = json.dumps(CUSTOMER).encode()

    def answer() -> bytes:
        churn = predict_single(json.loads(body), dv, model)
        return json.dumps({"churn_probability": churn, "churn": churn >= 0.5}).encode()

    return {"us": rounds.time_call(answer)}


def measure(customer: dict[str, object]) -> Callable[[], dict[str, float]]:
    """Time the fast path on one customer's bytes."""

    def measure_customer() -> dict[str, float]:
        answer = _load().answer_fast
        body = json.dumps(customer).encode()
        if answer(body) is None:
            raise SystemExit("the fast path does not take this customer")
        return {"us": rounds.time_call(lambda: answer(body))}

    return measure_customer


def measure_mixed() -> dict[str, float]:
    """Time a record whose keys are neither as the model nor as the table spells them: the slow path answers."""
    model = _load()
    body = json.dumps({key.upper(): value for key, value in CUSTOMER.items()}).encode()
    return {"us": rounds.time_call(lambda: model.write_answer(model.predict_json(body)))}


def measure_refused() -> dict[str, float]:
    """Time a record with two faults, refused with both named."""
    from augury.errors import RecordError

    model = _load()
    body = json.dumps({**CUSTOMER, "tenure": "41", "contract": "one_yaer"}).encode()

    def refuse() -> None:
        try:
            model.predict_json(body)
        except RecordError:
            return
        raise SystemExit("a record with faults was accepted")

    return {"us": rounds.time_call(refuse)}


def measure_score(*, is_exact: bool) -> Callable[[], dict[str, float]]:
    """Time the generated function alone, with its exact sum, or with the same text and a plain sum."""

    def measure_sum() -> dict[str, float]:
        model = _load()
        row = model.door.decode_fast(json.dumps(CUSTOMER).encode())
        namespace: dict[str, Any] = dict(model.function.namespace)
        if not is_exact:
            namespace["fsum"] = sum
            exec(model.function.source, namespace)  # noqa: S102 - the function's own text, with another sum
        score = namespace["compute_margin"]
        return {"us": rounds.time_call(lambda: score(row))}

    return measure_sum


def measure_floor() -> dict[str, float]:
    """Time decoding the same bytes into a plain dict, with nothing checked or scored."""
    import msgspec

    decode = msgspec.json.Decoder().decode
    body = json.dumps(CUSTOMER).encode()
    return {"us": rounds.time_call(lambda: decode(body))}


def _load() -> Any:
    import augury.api

    return augury.api.load_bundled()


RIVALS = {
    LAB: measure_lab,
    "augury, the lab's spelling": measure(CUSTOMER),
    "augury, the raw table's spelling": measure(RAW_CUSTOMER),
    "augury, keys in capitals (slow path)": measure_mixed,
    "augury, a refused record": measure_refused,
    "augury, score alone, exact sum": measure_score(is_exact=True),
    "augury, score alone, plain sum": measure_score(is_exact=False),
    "floor: bytes to a plain dict": measure_floor,
}


def report() -> None:
    """Print all rivals beside the lab's."""
    rounds.print_header(__doc__.splitlines()[0], ["augury", "msgspec", "scikit-learn", "numpy"])
    rounds.print_table(rounds.run_rounds(list(RIVALS)), "us", against=LAB, unit="µs")


if __name__ == "__main__":
    rounds.main(RIVALS, report)
