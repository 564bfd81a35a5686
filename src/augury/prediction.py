"""What an answer is, and what a scorer must be able to do for those who serve it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from augury.contract.check import Suggestions
from augury.contract.faults import Note
from augury.contract.fields import Contract


class Contribution(Struct, frozen=True):
    """What one field adds to the margin, in log-odds against the baseline."""

    field: str
    value: float


class Prediction(Struct, frozen=True):
    """An answer: the probability of the positive class in [0, 1], the decision, and what was noted on the way.

    ``contributions`` are there when asked for, in the contract's order; ``fsum((base, *values))`` is the margin within
    2 ulp of the largest of them, and ``base`` is the margin of the baseline (the artifact says which).
    """

    probability: float
    label: bool
    notes: tuple[Note, ...] = ()
    contributions: tuple[Contribution, ...] | None = None
    base: float | None = None

    def _repr_html_(self) -> str:
        return _write_html(self)


class Scorer(Protocol):
    """A model that can be served."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def target(self) -> str:
        """The key of the answer; the probability's key is this and ``_probability``."""

    @property
    def digest(self) -> str:
        """The artifact's digest, ``sha256:`` and 64 hexadecimal digits."""

    @property
    def contract(self) -> Contract:
        """The contract that records are held to."""

    @property
    def threshold(self) -> float:
        """The probability in [0, 1] from which the answer is true."""

    @property
    def examples(self) -> tuple[Mapping[str, object], ...]:
        """The records of the golden rows, at least one: made up, accepted without a note, and proved at load."""

    @property
    def answer_fast(self) -> Callable[[bytes], tuple[bytes, float] | None]:
        """Answer one JSON record that has neither fault nor note, and tell the probability that the answer holds.

        None when :meth:`predict_json` must look.
        """

    def predict_json(self, body: bytes, *, explain: bool = False, suggestions: Suggestions | None = None) -> Prediction:
        """Score one JSON record.

        Raises:
            RecordError: the contract refuses the record.
        """

    def write_answer(self, prediction: Prediction) -> bytes:
        """Write the answer as JSON: label, probability, and the notes under which the number may be doubtful."""


def _write_html(prediction: Prediction) -> str:
    """Write an answer as a notebook shows it: with its notes, and the reasons, where there are some, by weight."""
    from augury.markup import join, tag, write_bar, write_excerpt, write_table  # a notebook alone needs them

    said = f"Probability {prediction.probability:.3f}: {'true' if prediction.label else 'false'}"
    parts = [tag("p", said, class_="title")]
    if prediction.notes:
        parts.append(write_table(("note", "detail"), ((note.code, note.detail) for note in prediction.notes)))
    if prediction.contributions:
        reasons = sorted(prediction.contributions, key=lambda reason: -abs(reason.value))
        largest = abs(reasons[0].value)
        rows = ((reason.field, f"{reason.value:+.4f}", write_bar(reason.value, largest)) for reason in reasons)
        parts.append(tag("p", f"Against a baseline of {prediction.base or 0.0:+.4f}, in log-odds:"))
        parts.append(write_table(("field", "adds", ""), rows, numbers=frozenset({1})))
    return write_excerpt(join(parts))
