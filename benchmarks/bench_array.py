"""How long does a customer take among a thousand that are sent as one array, from its bytes to those of the answers?

How this could mislead: the network and the server are left out; the lab's service takes one customer a request, so its
function is called once for each here, which is its own way, and beside it stands the way that it does not have, all
thousand in one call of scikit-learn, to which whoever knows the library would turn; the lab's checks nothing; every
thousand is the same, so that every cache is warm for all rivals alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rounds
from the_lab import CUSTOMER, RAW_CUSTOMER, predict_single, train_pair

COUNT = 1000
LAB = "lab: predict_single for each"
# Refused for two faults, which takes the slow path and the longest answer.
FAULTY: dict[str, object] = {**CUSTOMER, "tenure": "41", "contract": "one_yaer"}


def measure_lab() -> dict[str, float]:
    """Time the lab's function on each customer of an array."""
    dv, model = train_pair()
    body = _write([CUSTOMER] * COUNT)

    def answer() -> bytes:
        return _write_lab(predict_single(customer, dv, model) for customer in json.loads(body))

    return _time(answer)


def measure_lab_at_once() -> dict[str, float]:
    """Time the lab's vectorizer and model on all customers in one call."""
    dv, model = train_pair()
    body = _write([CUSTOMER] * COUNT)

    def answer() -> bytes:
        columns = dv.transform(json.loads(body))
        return _write_lab(model.predict_proba(columns)[:, 1].tolist())

    return _time(answer)


def measure(customers: Sequence[Mapping[str, object]]) -> Callable[[], dict[str, float]]:
    """Time what the service does with an array, from its body to the answer's."""

    def measure_array() -> dict[str, float]:
        import augury.api
        from augury.service.exchange import Exchange
        from augury.service.models import gather_models
        from augury.service.records.answers import Answers
        from augury.service.settings import Settings

        model, settings, body = augury.api.load_bundled(), Settings(), _write(customers)
        models = gather_models([model])

        def answer() -> bytes:
            answers = Answers(Exchange(request_id="", method="POST", models=models, model=model), explain=False)
            rows = answers.split(body, settings)
            if rows is None:
                raise SystemExit("the array is not read as one")
            return answers.reply_rows(answers.answer_rows(rows)).body

        return _time(answer)

    return measure_array


def measure_floor() -> dict[str, float]:
    """Time decoding the same bytes into plain dicts, with nothing checked or scored."""
    import msgspec

    decode = msgspec.json.Decoder().decode
    body = _write([CUSTOMER] * COUNT)
    return _time(lambda: decode(body))


def _write(customers: Sequence[Mapping[str, object]]) -> bytes:
    return json.dumps(customers).encode()


def _write_lab(probabilities: Any) -> bytes:
    return json.dumps([{"churn_probability": churn, "churn": churn >= 0.5} for churn in probabilities]).encode()


def _time(call: Callable[[], object]) -> dict[str, float]:
    return {"us": rounds.time_call(call) / COUNT}


RIVALS = {
    LAB: measure_lab,
    "lab's model: all in one call": measure_lab_at_once,
    "augury, the lab's spelling": measure([CUSTOMER] * COUNT),
    "augury, the raw table's spelling": measure([RAW_CUSTOMER] * COUNT),
    "augury, one in a hundred refused": measure(([CUSTOMER] * 99 + [FAULTY]) * (COUNT // 100)),
    "floor: bytes to plain dicts": measure_floor,
}


def report() -> None:
    """Print all rivals beside the lab's."""
    rounds.print_header(__doc__.splitlines()[0], ["augury", "msgspec", "scikit-learn", "numpy"])
    figures = rounds.run_rounds(list(RIVALS))
    rounds.print_table(figures, "us", against=LAB, unit="µs a customer")


if __name__ == "__main__":
    rounds.main(RIVALS, report)
