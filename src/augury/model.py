"""A model ready to answer: its document, and the scorer compiled from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from msgspec import Struct

from augury.artifact.document import Document
from augury.artifact.golden import check_golden
from augury.artifact.write import write_artifact
from augury.contract.check import Checked, Suggestions
from augury.contract.faults import DOUBTFUL, OVERFLOW, Fault
from augury.contract.fields import Contract
from augury.contract.wire import RecordDoor, Row
from augury.errors import RecordError
from augury.ir.link import sigmoid
from augury.ir.lower import lower_predictor
from augury.needs import FRAMES, SPARK, SQL, check_libraries
from augury.prediction import Contribution, Prediction
from augury.targets.explain import find_contributions, sum_by_field
from augury.targets.record import RecordFunction, compile_record

if TYPE_CHECKING:
    from augury.frames.answers import Statements
    from augury.scoring import Probabilities

_REASONS_OVERFLOW = Fault(
    "overflow", "", "the numbers are so large that what a field adds to the margin is not finite; send smaller ones"
)


class Model:
    """A model ready to answer.

    Made by :func:`augury.load`, :func:`augury.compile`, or from a checked document; it has scored its golden rows with
    the very functions that will answer.

    Raises:
        ArtifactError: a golden row does not come out bit for bit.
    """

    def __init__(self, document: Document) -> None:
        body = document.model
        self.document = document
        self.door = RecordDoor(body.contract)
        self.function: RecordFunction = compile_record(body.contract, lower_predictor(body.contract, body.predictor))
        self.answer_fast: Callable[[bytes], tuple[bytes, float] | None] = _compile_answer(
            self.door, self.function, document
        )
        self._answer_type = _make_answer_type(document)
        check_golden(document, self._compute_golden)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.document.model.name

    @property
    def target(self) -> str:
        """The key of the answer."""
        return self.document.model.target.name

    @property
    def digest(self) -> str:
        """The artifact's digest, ``sha256:`` and 64 hexadecimal digits."""
        return self.document.digest

    @property
    def contract(self) -> Contract:
        """The contract that records are held to."""
        return self.document.model.contract

    @property
    def threshold(self) -> float:
        """The probability from which the answer is true."""
        return self.document.model.decision.threshold

    @property
    def examples(self) -> tuple[Mapping[str, object], ...]:
        """The records of the golden rows: made up, accepted without a note, and proved when the model was made."""
        return tuple(row.record for row in self.document.model.golden)

    def predict_one(self, record: Mapping[str, object], *, explain: bool = False) -> Prediction:
        """Score one record: a mapping of field names to scalars (Python's, NumPy's or pandas').

        Raises:
            RecordError: the contract refuses the record; ``faults`` holds everything that is wrong with it.
        """
        return self._predict(self.door.convert(record), explain=explain)

    def predict_json(self, body: bytes, *, explain: bool = False, suggestions: Suggestions | None = None) -> Prediction:
        """Score one record given as the bytes of a JSON object.

        Raises:
            RecordError: the contract refuses the record; ``faults`` holds everything that is wrong with it.
        """
        return self._predict(self.door.decode(body, suggestions), explain=explain)

    def explain(self, record: Mapping[str, object]) -> Prediction:
        """Score one record and tell what each field adds to its margin, in log-odds against the baseline.

        Raises:
            RecordError: the contract refuses the record.
        """
        return self.predict_one(record, explain=True)

    def predict(
        self, table: Any, *, refused: Literal["null", "raise"] = "null", notes: bool = False, explain: bool = False
    ) -> Any:
        """Score every row of a table, by the model's SQL: millions of rows in seconds.

        The table is a frame of pandas, Polars, Arrow, DuckDB or Spark, a list of dicts, or a path. The result is of the
        same kind, an Arrow table for a path; its rows are those of the table in their order, with pandas' own index;
        one of DuckDB or Spark is computed when it is asked for. Its columns are the declared identifiers as they were,
        ``<target>_probability`` (a 64-bit float), ``<target>`` (true from the threshold up) and ``faults``: null, or a
        JSON array of objects with ``code`` and ``field``.

        Args:
            table: what is scored; a lazy frame is collected, its fields alone.
            refused: ``null`` gives a row that the contract refuses its faults and no answer, ``raise`` raises.
            notes: a column ``notes`` of what was accepted and is worth knowing, in the shape of ``faults``.
            explain: a column ``<field>_reason`` for each field, of what it adds to the margin, in log-odds.

        Raises:
            TableError: the table cannot be read.
            ContractError: two columns spell one field, or ``refused`` is ``raise`` and a row is; the sentence names
                the first of them with their faults, and says how many.
            UsageError: the extra ``augury[batch]`` is not installed, or an option cannot be honoured.
        """
        is_spark = type(table).__module__.startswith("pyspark.")
        check_libraries(SPARK if is_spark else FRAMES)
        from augury.frames.asked import Asked

        asked = Asked(refused, notes, explain)
        if is_spark:
            from augury.frames.spark import predict_spark  # not at the top: it takes sqlglot

            return predict_spark(self.document.model, table, asked)
        from augury.frames.predict import predict  # not at the top: it takes Arrow and DuckDB

        return predict(self._statements, table, asked)

    def predict_proba(self, table: object) -> Probabilities:
        """Score every row of a table: a path, a frame or a list of dicts, by the function that scores a record.

        The probabilities are those of :meth:`predict_one` to the last bit. :meth:`predict` is far faster; its margins
        are sums of 64-bit floats, off by no more than rounding.

        Returns:
            A NumPy array of probabilities as scikit-learn's, (n_rows, 2): of the negative and of the positive class.

        Raises:
            TableError: the table cannot be read.
            ContractError: a row is refused; the sentence names the first of them with their faults, and says how many.
        """
        from augury.scoring import predict_proba  # not at the top: it takes NumPy, which no other method needs

        return predict_proba(self, table)

    def sql(  # noqa: PLR0913 - each by keyword, with a default
        self,
        dialect: str,
        table: str = "customers",
        *,
        names: Literal["training", "contract"] = "training",
        as_text: bool = False,
        renames: Mapping[str, str] | None = None,
        view: str | None = None,
        keep: Sequence[str] = (),
        notes: bool = False,
        reasons: bool = False,
    ) -> str:
        """Write the model and its contract as one SELECT, or as a view: what ``augury sql`` prints.

        Args:
            dialect: ``duckdb``, ``postgres``, ``spark`` or another that ``augury sql --help`` lists.
            table: as a query names it.
            names: whose names the columns have: the training table's, or the contract's own.
            as_text: whether every column is text, as when a file was loaded as it is.
            renames: by column the field that it is, where it is called otherwise.
            view: the name of a view to create; a SELECT without one.
            keep: columns to copy; the identifiers when none is named.
            notes: a column ``notes`` of what was accepted and is worth knowing.
            reasons: a column ``<field>_reason`` for each field, of what it adds to the margin, in log-odds.

        Raises:
            UsageError: there is no such dialect, its engine cannot do it, or ``augury[batch]`` is not installed.
            ContractError: a rename names no field.
        """
        check_libraries(SQL)
        from augury.script import Script, write_script  # not at the top: it takes sqlglot
        from augury.statement import Wanted

        wanted = Wanted(tuple(keep), notes=notes, reasons=reasons)
        script = Script(
            dialect=dialect,
            table=table,
            names=names,
            as_text=as_text,
            renames=dict(renames or {}),
            view=view,
            wanted=wanted,
        )
        return write_script(self.document, script)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the artifact, by a temporary file and a rename.

        Raises:
            ArtifactError: the file cannot be written; what was there before is still there.
        """
        write_artifact(self.document, Path(path))

    def write_answer(self, prediction: Prediction) -> bytes:
        """Write the answer as JSON: label, probability, and the notes under which the number may be doubtful."""
        doubts = tuple(note for note in prediction.notes if note.code in DOUBTFUL)
        contributions = None
        if prediction.contributions is not None:
            contributions = {item.field: item.value for item in prediction.contributions}
        answer = self._answer_type(prediction.label, prediction.probability, doubts, contributions, prediction.base)
        return msgspec.json.encode(answer)

    def __repr__(self) -> str:
        return f"<augury.Model {self.name}@{self.digest.removeprefix('sha256:')[:12]}>"

    def _repr_html_(self) -> str:
        from augury.card import write_card  # a notebook alone needs it

        return write_card(self.document)

    @cached_property
    def _statements(self) -> Statements:
        from augury.frames.answers import Statements  # as in predict, which alone needs it

        return Statements(self.document.model)

    def _predict(self, decoded: Row | tuple[Row | None, Checked], *, explain: bool) -> Prediction:
        row, checked = (decoded, None) if isinstance(decoded, Row) else decoded
        if row is None:
            raise RecordError(checked.faults if checked else (), more=checked.more if checked else 0)
        margin = self._compute_margin(row)
        probability = sigmoid(margin)
        base, contributions = self._explain(row, margin) if explain else (None, None)
        notes = checked.notes if checked else ()
        return Prediction(probability, probability >= self.threshold, notes, contributions, base)

    def _compute_margin(self, row: Row) -> float:
        try:
            margin = self.function.compute_margin(row)
        except (OverflowError, ValueError):  # fsum's words for a sum, or terms of both signs, beyond a double
            raise RecordError([OVERFLOW]) from None
        if margin - margin != 0.0:
            raise RecordError([OVERFLOW])
        return margin

    def _explain(self, row: Row, margin: float) -> tuple[float, tuple[Contribution, ...]]:
        features, baseline = self.contract.features, self.document.model.baseline
        try:
            terms = sum_by_field(self.function.compute_terms(row), self.function.term_fields, len(features))
            base, values = find_contributions(terms, baseline.terms, self.function.intercept, margin)
        except OverflowError:
            raise RecordError([_REASONS_OVERFLOW]) from None
        names = (field.name for field in features)
        return base, tuple(Contribution(name, value) for name, value in zip(names, values, strict=True))

    def _compute_golden(self, record: Mapping[str, object]) -> float:
        """Score a golden row as the service will: from its JSON, by the path that takes it."""
        decoded = self.door.decode(msgspec.json.encode(record))
        row, notes = (decoded, ()) if isinstance(decoded, Row) else (decoded[0], decoded[1].notes)
        return math.nan if row is None or notes else self.function.compute_margin(row)


def _make_answer_type(document: Document) -> Callable[..., Struct]:
    """Make the answer's type: the label, the probability, and what is told only when there is something to tell."""
    target = document.model.target.name
    members: list[Any] = [
        ("label", bool),
        ("probability", float),
        ("notes", tuple[Fault, ...], ()),
        ("contributions", dict[str, float] | None, None),
        ("base", float | None, None),
    ]
    rename = {"label": target, "probability": f"{target}_probability"}
    return cast("Callable[..., Struct]", msgspec.defstruct("Answer", members, rename=rename, omit_defaults=True))


def _compile_answer(
    door: RecordDoor, function: RecordFunction, document: Document
) -> Callable[[bytes], tuple[bytes, float] | None]:
    """Make the fast path: decode and validate, score, decide, encode; None when the slow path must look."""
    target, threshold = document.model.target.name, document.model.decision.threshold
    members = [("label", bool), ("probability", float)]
    rename = {"label": target, "probability": f"{target}_probability"}
    answer: Callable[[bool, float], Struct] = msgspec.defstruct("Answer", members, rename=rename, gc=False)
    decode, compute_margin, encode = door.decode_fast, function.compute_margin, msgspec.json.Encoder().encode

    def answer_fast(body: bytes) -> tuple[bytes, float] | None:
        row = decode(body)
        if row is None:
            return None
        try:
            margin = compute_margin(row)
        except (OverflowError, ValueError):
            return None
        if margin - margin != 0.0:
            return None
        probability = sigmoid(margin)
        return encode(answer(probability >= threshold, probability)), probability

    return answer_fast
