"""Golden rows: made-up records with the margins that every scorer must give, proved at every load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from augury.artifact.document import Document, Golden, Scalar
from augury.contract.check import RecordChecker
from augury.contract.fields import BooleanField, CategoryField, Contract, Feature, IntegerField
from augury.errors import ArtifactError, AuguryError
from augury.profile import Profile, draw_record

Record = dict[str, Scalar]

# Sixteen rows visit every level of the usual category, and cost a tenth of a millisecond at each load.
_DRAWN = 16
# At the ends of the ranges, where scaling and bins go wrong first; each shows other levels.
_EDGES = 8
# A contract of a few levels has few records, all of which training may have seen: then drawing again is given up.
_MAX_TRIES = 20 * _DRAWN


def draw_golden(
    contract: Contract,
    profile: Profile | None,
    seed: int,
    compute_margin: Callable[[Record], float],
    is_training_row: Callable[[Record], bool],
) -> tuple[Golden, ...]:
    """Draw up to sixteen golden rows like the training table's, and up to eight at the ends of its ranges.

    No two are alike, none has a note, and none equals a training row: except where every record that can be drawn
    does, for then a row tells of nobody.

    Raises:
        ArtifactError: no record has a finite margin.
    """
    random = Random(seed)  # noqa: S311 - made-up customers, the same for the same seed
    drawn: Iterator[Record] = (dict(draw_record(contract, profile, random)) for _ in range(_MAX_TRIES))
    checker = RecordChecker(contract)
    judged = _Judge(checker, compute_margin, is_training_row)
    rows = [*judged.choose(drawn, _DRAWN), *judged.choose(_iter_edges(contract), _EDGES)] or judged.seen[:_DRAWN]
    if not rows:
        what = "no golden row can be drawn: the margin of every record that was tried is not finite"
        raise ArtifactError(what, mend="look at the weights of the estimator, or give a sample with --sample")
    return tuple(rows)


class _Judge:
    """Choose among records; ``seen`` are those that were left out only because training saw them."""

    def __init__(
        self,
        checker: RecordChecker,
        compute_margin: Callable[[Record], float],
        is_training_row: Callable[[Record], bool],
    ) -> None:
        self._checker = checker
        self._compute_margin = compute_margin
        self._is_training_row = is_training_row
        self._known: set[tuple[tuple[str, Scalar], ...]] = set()
        self.seen: list[Golden] = []

    def choose(self, records: Iterator[Record], wanted: int) -> list[Golden]:
        chosen: list[Golden] = []
        for record in records:
            key = tuple(record.items())
            if key in self._known:
                continue
            self._known.add(key)
            row = self._score(record)
            if row is None:
                continue
            if self._is_training_row(record):
                self.seen.append(row)
                continue
            chosen.append(row)
            if len(chosen) == wanted:
                break
        return chosen

    def _score(self, record: Record) -> Golden | None:
        checked = self._checker.check(record.items())
        if checked.faults or checked.notes:
            return None
        try:
            return Golden(record, self._compute_margin(record))
        except OverflowError:
            return None


def _iter_edges(contract: Contract) -> Iterator[Record]:
    """Make the records at the ends: all low, all high, in turn; every other pair leaves optional fields out."""
    for turn in range(_EDGES):
        yield {
            field.name: _find_edge(field, turn)
            for field in contract.features
            if field.absent == "refuse" or turn % 4 < 2
        }


def _find_edge(field: Feature, turn: int) -> Scalar:
    if isinstance(field, CategoryField):
        return field.levels[turn % len(field.levels)]
    if isinstance(field, BooleanField):
        return turn % 4 in {1, 2}
    edge = 0.0 if field.seen is None else field.seen.high if turn % 2 else field.seen.low
    return int(edge) if isinstance(field, IntegerField) else edge


def check_golden(document: Document, compute_margin: Callable[[Mapping[str, Scalar]], float]) -> None:
    """Score the golden rows and compare every bit.

    Raises:
        ArtifactError: a row does not come out as the document says.
    """
    for number, row in enumerate(document.model.golden, 1):
        where = f"golden row {number} of {document.model.name}"
        mend = "write the artifact again with this version of Augury, and report this if it stays"
        try:
            margin = compute_margin(row.record)
        except (AuguryError, ArithmeticError, ValueError) as error:
            raise ArtifactError(f"the row cannot be scored: {error}", where=where, mend=mend) from error
        # As text, so that 0.0 and -0.0 differ.
        if margin.hex() != row.margin.hex():
            what = f"the scorer computes the margin {margin!r} where the artifact has {row.margin!r}"
            raise ArtifactError(what, where=where, mend=mend)
