"""What an artifact holds, as plain values. The order of the members here is their order in the file."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from augury.artifact.evaluation import Evaluation
from augury.contract.fields import Contract, Level
from augury.ir.nodes import Decide, Link
from augury.profile import Profile

# What this version writes; older formats keep their readers in `formats.py`.
FORMAT: Literal[1] = 1
# The first version of Augury that reads what this version writes.
NEEDS = "0.1"

# A value of a record as JSON has it.
Scalar = str | int | float | bool | None


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """The target: ``name`` is the key of the answer, ``column`` the target column, and the two classes by their names.

    ``negative`` and ``positive`` are the estimator's classes as it has them; the answer says true for ``positive``.
    """

    name: str
    column: str
    negative: Level | bool
    positive: Level | bool


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """What reasons are told against: one term a feature in the contract's order, in log-odds.

    ``average`` is the mean of each term over the training table; ``reference`` is the term of the reference record
    (first level, 0, false), where no table was at hand.
    """

    kind: Literal["average", "reference"]
    terms: tuple[float, ...]


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """A made-up record and the margin that every scorer must give for it, bit for bit."""

    record: dict[str, Scalar]
    margin: float


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """What parity was proved against: on how many rows, the largest difference, how many labels differ.

    ``measure`` says what was compared: margins, or the probabilities that an author has.
    """

    against: str
    measure: Literal["margins", "probabilities"]
    rows: int
    largest_difference: float
    flips: int


class TableFingerprint(Struct, frozen=True, forbid_unknown_fields=True):
    """Which table was learned from: its number of rows and the SHA-256 of its cells in a canonical text."""

    rows: int
    sha256: str


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """How Augury trained a model.

    Args:
        rows: that were fitted on; the table's others were held out, or could not be used.
        strength: the inverse strength ``C`` of the penalty, given or chosen.
        recipe: every key of the recipe with its value, those that options changed as they were changed.
    """

    rows: int
    strength: float
    recipe: dict[str, Scalar]


class Provenance(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a model came from: the estimator's class, the versions of the libraries, the table, the proofs.

    ``table`` is the whole table that was given, held-out rows and all; ``training`` is None for a model that was only
    compiled.
    """

    estimator: str
    versions: dict[str, str]
    table: TableFingerprint | None = None
    proofs: tuple[Proof, ...] = ()
    training: Training | None = None


class ModelBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A model: everything that decides an answer, and what is known about it.

    ``evaluation`` is None for a model that was compiled: whoever trained it knows how well it does.
    """

    name: str
    target: Target
    contract: Contract
    predictor: Link
    decision: Decide
    evaluation: Evaluation | None
    baseline: Baseline
    profile: Profile | None
    golden: tuple[Golden, ...]
    provenance: Provenance


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: a header that is fixed for ever, and the model.

    ``digest`` is ``sha256:`` and the SHA-256 of the file's bytes with the 64 digits of the digest itself as zeros.
    """

    format: Literal[1]
    needs: str
    digest: str
    model: ModelBody
