"""Hold what was read from an estimator against the margins that scikit-learn gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from augury.contract.fields import CategoryField, Contract
from augury.contract.python_record import make_plain
from augury.contract.values import UNSEEN, Value
from augury.frontends.fitted import Fitted
from augury.ir.check import check_predictor
from augury.ir.lower import lower_predictor
from augury.ir.reference import Reference

Record = Mapping[str, object]


def read_values(fitted: Fitted, record: Record) -> dict[str, Value]:
    """Answer the fields of a record as a checked one has them; an absent one is missing."""
    values: dict[str, Value] = {}
    for field in fitted.features:
        value = make_plain(record.get(field.name))
        if isinstance(field, CategoryField) and value is not None:
            values[field.name] = value if value in field.levels else UNSEEN  # type: ignore[assignment]
        elif value is None or isinstance(value, bool):
            values[field.name] = value
        else:
            values[field.name] = float(value)  # type: ignore[arg-type]
    return values


def find_scale(reference: Reference, fitted: Fitted, values: Mapping[str, Value]) -> tuple[int, float]:
    """Find the number of terms and the sum of their magnitudes, by which design 2.6 bounds a difference."""
    linear = fitted.predictor.margins[0]
    columns = [column for node in linear.inputs for column in reference._columns(node, values)]
    terms = [weight * column for weight, column in zip(linear.weights, columns, strict=True)]
    return len(terms), abs(linear.intercept) + sum(map(abs, terms))


def check_margins(
    fitted: Fitted, records: Iterable[Record], margins: Sequence[float], *, unit: float = 2.0**-53
) -> list[float]:
    """Check margins against (n + 8)·unit·S, labels, and that lowering keeps every bit; answer ours."""
    contract = Contract(fields=fitted.features)
    check_predictor(contract, fitted.predictor)
    reference = Reference(contract, fitted.predictor)
    lowered = Reference(contract, lower_predictor(contract, fitted.predictor))
    ours = []
    for record, margin in zip(records, margins, strict=True):
        values = read_values(fitted, record)
        ours.append(reference.compute_margin(values))
        count, scale = find_scale(reference, fitted, values)
        assert abs(ours[-1] - margin) <= (count + 8) * unit * scale, (record, ours[-1], margin)
        assert (ours[-1] > 0.0) == (margin > 0.0), record
        assert lowered.compute_margin(values) == ours[-1], record
    return ours
