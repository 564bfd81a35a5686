"""Every exception that Augury raises on purpose.

::

    AuguryError
    ├── UsageError            an option or argument that cannot be honoured
    ├── TableError            a table that cannot be read, or a value in it
    ├── ContractError         a contract that contradicts itself, the table or the model
    ├── RecordError           a record that the contract refuses; carries its faults
    ├── ArtifactError         an artifact that is refused
    ├── EstimatorError        an estimator that cannot become a model
    │   ├── PickleError       a file that cannot be read as a pickle
    │   │   └── UnsafePickleError   a pickle with names that are not on our list
    │   └── UnsupportedError  an estimator with parts that cannot be compiled
    ├── BundleError           a bundle that is not what it should be
    ├── ParityError           two scorers that should agree and do not
    └── ServiceError          a service that was asked and gave no answer
        ├── ServiceUnreachableError   no connection to it
        ├── ServiceTimeoutError       no answer in time
        ├── ServiceRefusalError       it refuses the request, not the record
        ├── ServiceFailureError       it failed
        └── NoServiceError            what answers there is no Augury service

Each takes what happened, where, and how to mend it, and writes one sentence from them. HTTP statuses and exit codes are
not known here: they are two tables, one in ``service/problems.py`` and one in ``cli/main.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augury.contract.faults import Fault


class AuguryError(Exception):
    """What went wrong, where, and how to mend it, as one sentence."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(what, where, mend)

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        return f"{sentence}; {self.mend}" if self.mend else sentence


class UsageError(AuguryError):
    """An option or argument cannot be honoured."""


class TableError(AuguryError):
    """A table, or a value in it, cannot be read."""


class ContractError(AuguryError):
    """A contract contradicts itself, the table or the model."""


class RecordError(AuguryError):
    """A record is refused; ``faults`` holds what is wrong with it, ``more`` counts the faults beyond those listed."""

    def __init__(self, faults: Sequence[Fault], *, more: int = 0) -> None:
        self.faults = tuple(faults)
        self.more = more
        details = "; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults)
        rest = f"; and {more} more" if more else ""
        super().__init__(f"the record is refused: {details}{rest}")


class ArtifactError(AuguryError):
    """An artifact is refused."""


class EstimatorError(AuguryError):
    """An estimator cannot become a model."""


class PickleError(EstimatorError):
    """A file cannot be read as a pickle within the limits."""


class UnsafePickleError(PickleError):
    """A pickle names classes or functions that are not on our list; ``names`` are all of them, each with what it is."""

    def __init__(self, names: Sequence[tuple[str, str]], *, where: str = "") -> None:
        self.names = tuple(names)
        listed = ", ".join(f"{name} ({meaning})" for name, meaning in self.names)
        super().__init__(
            f"the pickle names {listed}, which Augury does not read; nothing in it was run",
            where=where,
            mend="save the fitted scikit-learn estimators alone, without functions or classes of your own",
        )


class UnsupportedError(EstimatorError):
    """Parts of an estimator cannot be compiled; ``parts`` are all of them, each as (where in the estimator, why)."""

    def __init__(self, parts: Sequence[tuple[str, str]], *, where: str = "") -> None:
        self.parts = tuple(parts)
        listed = "; ".join(f"{part}: {why}" for part, why in self.parts)
        super().__init__(f"cannot compile {listed}", where=where)


class BundleError(AuguryError):
    """A bundle was changed where it must not be, or does not do what it promises."""


class ParityError(AuguryError):
    """Two scorers that should agree do not."""


class ServiceError(AuguryError):
    """A service was asked and gave no answer."""


class ServiceUnreachableError(ServiceError):
    """There is no connection to the service, or it was cut."""


class ServiceTimeoutError(ServiceError):
    """The service did not answer in time."""


class ServiceRefusalError(ServiceError):
    """The service refuses the request, not the record: a model that it has not, or more than it takes at once."""


class ServiceFailureError(ServiceError):
    """The service failed."""


class NoServiceError(ServiceError):
    """What answers there is no Augury service."""
