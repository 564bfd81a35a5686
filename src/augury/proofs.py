"""The proofs of a compilation: the compiled scorer against the law, the living estimator, the author's own scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from os import PathLike, fspath
from typing import Any, cast

from augury.artifact.document import Proof
from augury.contract.fields import Contract
from augury.contract.text import parse_number
from augury.contract.values import UNSEEN, Value
from augury.contract.wire import RecordDoor
from augury.errors import ContractError, ParityError, TableError, UsageError
from augury.ir.link import sigmoid
from augury.ir.lower import lower_predictor
from augury.ir.nodes import Link
from augury.ir.reference import Reference
from augury.tables.learn import Learned
from augury.tables.read import read_table
from augury.tables.table import Table, find_spelt
from augury.targets.explain import find_average, sum_by_field
from augury.targets.parity import Parity, Values, compare, find_bound, find_reference_values, iter_hard_rows
from augury.targets.record import compile_record

# The law scores a row in some 30 µs and is asked four times, so these take two or three seconds. More rows like them
# prove no more, and the average of so many is within 0.7 % of a standard deviation of that of all.
MAX_ROWS = 20_000
# Rows times fields, so that a wide table takes no longer than one of a hundred fields.
_MAX_VISITS = 2_000_000

# scikit-learn's own probabilities are this exact where scores are not rounded: a few ulp of the margin, times 1/4.
SCORE_TOLERANCE = 1e-9
_MEND_OVERFLOW = "look at the weights of the estimator, and at the largest numbers that it is given"


class Evidence:
    """A checked model with rows that it was learned from, and what the law says of them.

    The rows are the accepted ones of the sample, of more than :data:`MAX_ROWS` that many, evenly spaced, and fewer of
    a table of more than a hundred fields; ``positions`` are theirs in the sample.
    """

    def __init__(self, contract: Contract, predictor: Link, learned: Learned | None, threshold: float) -> None:
        self.contract = contract
        self.predictor = predictor
        self.learned = learned
        self.threshold = threshold
        self.reference = Reference(contract, predictor)
        self.rows: Sequence[Mapping[str, Value]] = ()
        self.positions: Sequence[int] = ()
        if learned is not None:
            indices = learned.rows.spread(min(MAX_ROWS, max(1, _MAX_VISITS // len(contract.features))))
            self.rows = tuple(learned.rows.iter_records(indices))
            self.positions = [learned.rows.positions[index] for index in indices]
        self._door = RecordDoor(contract)
        self._function = compile_record(contract, lower_predictor(contract, predictor))

    @cached_property
    def margins(self) -> list[float]:
        """The law's margins of the rows, (n_rows,), log-odds.

        Raises:
            ContractError: the model itself cannot score a row.
        """
        margins: list[float] = []
        for values in self.rows:
            try:
                margins.append(self.reference.compute_margin(values))
            except OverflowError:
                what = f"the margin of row {self.positions[len(margins)] + 1} is not finite"
                raise ContractError(what, where="sample", mend=_MEND_OVERFLOW) from None
        return margins

    def compute_record_margin(self, values: Values) -> float:
        """Compute a margin by the record target."""
        return self._function.compute_margin(self._door.make_row(tuple(values.values())))

    def compute_terms(self, values: Values) -> list[float]:
        """Compute each field's part of the margin, (n_fields,), log-odds."""
        terms = self._function.compute_terms(self._door.make_row(tuple(values.values())))
        return sum_by_field(terms, self._function.term_fields, len(self.contract.features))

    def find_baseline(self) -> tuple[float, ...]:
        """Find what reasons are told against: the average over the rows, or the reference record.

        Raises:
            ContractError: the average is beyond a double.
        """
        try:
            return find_average([self.compute_terms(values) for values in self.rows or [self._reference_values()]])
        except OverflowError:
            what = "the average of what a field adds to the margin is not finite"
            raise ContractError(what, where="baseline", mend=_MEND_OVERFLOW) from None

    def find_bound(self, values: Values) -> float:
        """Find how far a sum in doubles may be from the law."""
        linear = self.predictor.margins[0]
        return find_bound(linear.intercept, self.reference.compute_products(values))

    def _reference_values(self) -> dict[str, Value]:
        return find_reference_values(self.contract)


def prove_record(evidence: Evidence) -> Proof:
    """Prove the record target against the law, bit for bit, on the sample and on rows that scorers get wrong.

    Raises:
        ParityError: a margin differs.
    """
    rows = chain(evidence.rows, iter_hard_rows(evidence.contract, evidence.predictor, evidence.threshold))
    found = compare(
        evidence.reference.compute_margin, evidence.compute_record_margin, rows, threshold=evidence.threshold
    )
    return _make_proof("the reference, bit for bit", found)


def prove_estimator(
    evidence: Evidence, estimator: Any, sample: object, *, fill: Mapping[str, float | str], is_turned: bool
) -> Proof | None:
    """Prove the law against a living estimator, within what a sum in doubles may differ.

    Its own ``decision_function`` is asked, on the records of the sample where it begins with a DictVectorizer, else on
    the rows of the sample where that is a frame; None where there is neither. ``is_turned`` tells that the model
    predicts the estimator's first class.

    Raises:
        ParityError: a margin or a label differs by more.
    """
    if evidence.learned is None:
        return None
    theirs = _ask_estimator(evidence, estimator, sample, fill)
    if theirs is None:
        return None
    rows, margins = theirs
    found = compare(
        evidence.reference.compute_margin,
        _answer_in_turn([-margin for margin in margins] if is_turned else margins),
        rows,
        threshold=evidence.threshold,
        find_bound=evidence.find_bound,
    )
    return _make_proof("the living estimator's decision_function", found)


def _ask_estimator(
    evidence: Evidence, estimator: Any, sample: object, fill: Mapping[str, float | str]
) -> tuple[Sequence[Values], Sequence[float]] | None:
    """Find the margins that the living estimator gives, and the rows for which it was asked."""
    rows = evidence.rows
    steps = estimator if isinstance(estimator, tuple | list) else [step for _, step in getattr(estimator, "steps", ())]
    if steps and type(steps[0]).__name__ == "DictVectorizer":
        records = [_make_record(values, fill) for values in rows]
        if isinstance(estimator, tuple | list):
            return rows, _to_floats(steps[1].decision_function(steps[0].transform(records)))
        return rows, _to_floats(estimator.decision_function(records))
    if not hasattr(sample, "iloc"):
        return None
    # Where the author's preparation filled a blank, the frame still has the blank.
    kept = [index for index, values in enumerate(rows) if not any(values[field] is None for field in fill)]
    frame = cast("Any", sample).iloc[[evidence.positions[index] for index in kept]]
    try:
        margins = estimator.decision_function(_choose_columns(estimator, frame, evidence.contract))
    # Whatever somebody else's estimator raises is about the sample that it was given here.
    except Exception as error:
        what = f"the estimator itself cannot score the sample: {str(error).partition(chr(10))[0]}"
        mend = "pass the table as the estimator was trained on it, or the estimator as a pickle"
        raise TableError(what, where=f"the {type(sample).__name__} passed", mend=mend) from error
    return [rows[index] for index in kept], _to_floats(margins)


def _choose_columns(estimator: Any, frame: Any, contract: Contract) -> Any:
    """Choose the columns of a frame that an estimator was fitted on, in its order and by its names for them.

    Without names it was fitted on a matrix, whose columns are the contract's features if it reads all of them.
    """
    fitted = getattr(estimator, "feature_names_in_", None)
    names = [field.name for field in contract.features] if fitted is None else list(fitted)
    columns = [_find_column(name, list(frame.columns)) for name in names]
    if None in columns or (fitted is None and len(names) != estimator.n_features_in_):
        return frame
    chosen = frame[columns]
    return chosen.to_numpy() if fitted is None else chosen.set_axis(names, axis=1)


def _find_column(name: str, columns: list[str]) -> str | None:
    if name in columns:
        return name
    spelt = find_spelt(name, columns)
    return spelt[0] if len(spelt) == 1 else None


def _make_record(values: Values, fill: Mapping[str, float | str]) -> dict[str, object]:
    """Make the record that a DictVectorizer is given: blanks filled as the author did, else left out as the unseen."""
    return {
        field: fill.get(field) if value is None else value
        for field, value in values.items()
        if value is not UNSEEN and (value is not None or field in fill)
    }


def _to_floats(margins: Any) -> list[float]:
    return [float(margin) for margin in margins.ravel().tolist()]


def _answer_in_turn(margins: Sequence[float]) -> Callable[[Values], float]:
    """Make a scorer that knows its answers already, for rows that come in the same order."""
    answers = iter(margins)
    return lambda _values: next(answers)


def prove_expected(evidence: Evidence, path: str | PathLike[str], table: Table | None, target: str) -> Proof:
    """Prove the law against the scores that the author already has, one a row of the sample, in its order.

    A score agrees when it is ours rounded to as many decimals as it has.

    Raises:
        ParityError: a score differs; the sentence names the first row.
        TableError: the file has no column of scores, or not one a row.
        UsageError: there is no sample to score.
    """
    if evidence.learned is None or table is None:
        raise UsageError("scores to expect need the rows that they belong to", mend="give the rows with --sample TABLE")
    texts = _read_scores(path, target)
    if len(texts) != table.row_count:
        what = f"it has {len(texts):,} scores, and the sample has {table.row_count:,} rows"
        raise TableError(what, where=fspath(path), mend="give one score a row of the sample, in its order")
    largest, flips = 0.0, 0
    for position, margin in zip(evidence.positions, evidence.margins, strict=True):
        score, tolerance = _read_score(texts[position], position, path)
        difference = abs(sigmoid(margin) - score)
        largest = max(largest, difference)
        if difference > tolerance:
            what = f"row {position + 1} should score {texts[position]}, and the compiled model says {sigmoid(margin)!r}"
            mend = "give the sample as the estimator got it, or say with --fill what your preparation put for blanks"
            raise ParityError(what, where=fspath(path), mend=mend)
        flips += (score >= evidence.threshold) != (sigmoid(margin) >= evidence.threshold)
    return Proof("the author's own scores", "probabilities", len(evidence.margins), largest, flips)


def _read_scores(path: str | PathLike[str], target: str) -> list[str]:
    """Read the column of scores: by its name, else the only one there is."""
    table = read_table(path)
    for name in (f"{target}_probability", "probability", "score"):
        if name in table.columns:
            return [str(cell) for cell in table.iter_column(table.columns.index(name))]
    if len(table.columns) == 1:
        return [str(cell) for cell in table.iter_column(0)]
    what = f"it has no column {target}_probability among {', '.join(table.columns)}"
    raise TableError(what, where=fspath(path), mend="name the column of scores so, or give that column alone")


def _read_score(text: str, position: int, path: str | PathLike[str]) -> tuple[float, float]:
    """Read a score and how far ours may be from it: half a unit of its last decimal, and rounding's own error."""
    score = parse_number(text)
    if score is None or not 0.0 <= score <= 1.0:
        what = f"the score of row {position + 1}, {text!r}, is no probability"
        raise TableError(what, where=fspath(path), mend="give probabilities in [0, 1]")
    mantissa, _, exponent = text.strip().lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return score, 0.5 * 10.0**-decimals + SCORE_TOLERANCE


def _make_proof(against: str, found: Parity) -> Proof:
    if found.beyond or found.flips:
        what = (
            f"{found.beyond:,} of {found.rows:,} margins differ from {against} by more than they may, "
            f"{found.flips:,} labels differ; the largest difference is {found.largest_difference:g}"
        )
        raise ParityError(what, where="parity", mend="report this with the estimator: it is a fault of ours")
    return Proof(against, "margins", found.rows, found.largest_difference, found.flips)
