"""How many of the lab's decisions does one fault in the input change without a word, and what does Augury do about it?

Every customer of the public table is sent once as he is and once with the fault; the lab's service answers 200 each
time. A decision is flipped when the answer with the fault differs from the answer without it.

How this could mislead: each fault is put into every customer at once, which no single client does; how common a fault
is in practice is not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import rounds
from the_lab import find_table, train_pair

Record = dict[str, Any]
# A difference that only rounding makes: liblinear's weights are the same here, the order of the sum is not.
_SAME = 1e-9
_LAB = "the lab"
_AUGURY = "augury"


def rename(old: str, new: str) -> Callable[[Record, Record], Record]:
    """Make the fault that sends a key under another name."""
    return lambda record, _raw: {(new if key == old else key): value for key, value in record.items()}


def put(key: str, change: Callable[[Any], Any]) -> Callable[[Record, Record], Record]:
    """Make the fault that sends another value."""
    return lambda record, _raw: {**record, key: change(record[key])}


def drop(key: str) -> Callable[[Record, Record], Record]:
    """Make the fault that leaves a key out."""
    return lambda record, _raw: {other: value for other, value in record.items() if other != key}


FAULTS: dict[str, Callable[[Record, Record], Record]] = {
    "key `tenure` sent as `Tenure`": rename("tenure", "Tenure"),
    'value of `tenure` as the string `"12"`': put("tenure", str),
    "every key capitalised": lambda record, _raw: {key.capitalize(): value for key, value in record.items()},
    "values as they stand in the raw table": lambda record, raw: {key: raw[key] for key in record},
    "`contract` renamed": rename("contract", "plan"),
    "`contract` null": put("contract", lambda _value: None),
    "`totalcharges` missing": drop("totalcharges"),
    "`{}`": lambda _record, _raw: {},
    '`seniorcitizen` as `"0"` or `"1"`': put("seniorcitizen", str),
    "`tenure` null": put("tenure", lambda _value: None),
}


def measure() -> dict[str, Any]:
    """Send every customer with every fault to both."""
    records, raw_records = _read_customers()
    lab, augury = _make_lab(), _make_augury()
    expected = lab(records)
    return {name: _compare(fault, records, raw_records, expected, lab, augury) for name, fault in FAULTS.items()}


def _compare(
    fault: Callable[[Record, Record], Record],
    records: list[Record],
    raw_records: list[Record],
    expected: list[float],
    lab: Callable[[list[Record]], list[float]],
    augury: Callable[[Record], float | str],
) -> dict[str, Any]:
    faulty = [fault(record, raw) for record, raw in zip(records, raw_records, strict=True)]
    try:
        answers = lab(faulty)
    except (ValueError, TypeError):
        lab_figures: dict[str, Any] = {"raises": True}
    else:
        flips = sum((p >= 0.5) != (q >= 0.5) for p, q in zip(expected, answers, strict=True))
        largest = max(abs(p - q) for p, q in zip(expected, answers, strict=True))
        lab_figures = {"flips": flips / len(records), "largest": largest}
    outcomes = [augury(record) for record in faulty]
    right = sum(isinstance(p, float) and abs(p - q) <= _SAME for p, q in zip(outcomes, expected, strict=True))
    refused = sum(isinstance(outcome, str) for outcome in outcomes)
    codes = sorted({code for outcome in outcomes if isinstance(outcome, str) for code in outcome.split()})
    silent = len(outcomes) - right - refused
    return {_LAB: lab_figures, _AUGURY: {"right": right, "refused": refused, "codes": codes, "silent": silent}}


def _read_customers() -> tuple[list[Record], list[Record]]:
    """Read the customers in the lab's spelling and, under the same keys, as the raw table spells them."""
    import pandas as pd

    import lab_pair

    features = lab_pair.CATEGORICAL + lab_pair.NUMERICAL
    records = lab_pair.prepare(find_table())[features].to_dict(orient="records")
    raw = pd.read_csv(find_table())
    raw.columns = raw.columns.str.lower()
    raw["totalcharges"] = pd.to_numeric(raw["totalcharges"], errors="coerce").fillna(0)
    return records, raw[features].to_dict(orient="records")


def _make_lab() -> Callable[[list[Record]], list[float]]:
    dv, model = train_pair()
    return lambda records: [float(p) for p in model.predict_proba(dv.transform(records))[:, 1]]


def _make_augury() -> Callable[[Record], float | str]:
    """Make the function from a record to its probability, or to the codes for which it is refused."""
    import augury.api
    from augury.errors import RecordError

    model = augury.api.load_bundled()

    def answer(record: Mapping[str, object]) -> float | str:
        try:
            return model.predict_one(record).probability
        except RecordError as refusal:
            return " ".join(sorted({fault.code for fault in refusal.faults}))

    return answer


def report() -> None:
    """Print what one fault does to the lab's decisions and to ours."""
    rounds.print_header(__doc__.splitlines()[0], ["augury", "scikit-learn", "pandas"], is_timed=False)
    figures = measure()
    print(f"  {'fault':<42} {'lab: decisions':>14} {'largest':>8}   augury")
    print(f"  {'':<42} {'flipped':>14} {'change':>8}")
    for name, both in figures.items():
        lab, augury = both[_LAB], both[_AUGURY]
        flips, largest = ("raises", "–") if "raises" in lab else (f"{lab['flips']:.1%}", f"{lab['largest']:.2f}")
        told = f"refused: {', '.join(augury['codes'])}" if augury["refused"] else "right"
        print(f"  {name:<42} {flips:>14} {largest:>8}   {told}; {augury['silent']} silently wrong")


if __name__ == "__main__":
    report()
