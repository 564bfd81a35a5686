"""What a frontend answers: a fitted estimator as fields, a predictor and what is still unknown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from augury.contract.fields import Feature, Level
from augury.ir.nodes import Link

Kind = Literal["number", "integer", "boolean", "category"]

# A default that cannot be filled by mistake.
_NOTHING: Mapping[str, object] = MappingProxyType({})


class Options(Struct, frozen=True, kw_only=True):
    """What the estimator alone does not say.

    Args:
        fields: the names of the fields. They settle how a DictVectorizer's ``a=b=c`` is split, and they name the
            columns of an estimator that was fitted without names, in their order.
        fill: what the author's own preparation put where a field was blank; for a category it is one of its levels.
        optional: fields that training saw absent. To a DictVectorizer they count as 0; to anything else absent is
            missing, for which it has its own rule or none.
        kinds: what a number is when the sample or the author knows more: ``category`` has the levels 0 and 1.
    """

    fields: tuple[str, ...] | None = None
    fill: Mapping[str, float | str] = _NOTHING  # type: ignore[assignment]
    optional: frozenset[str] = frozenset()
    kinds: Mapping[str, Kind] = _NOTHING  # type: ignore[assignment]


class Fitted(Struct, frozen=True, kw_only=True):
    """A fitted estimator in our words.

    Args:
        features: the fields that are read, in the order of training, each with its levels in the encoder's order; no
            ranges, and nothing nullable.
        predictor: the model over these fields.
        negative: the first of the estimator's ``classes_``.
        positive: the second, whose probability is predicted.
        estimator: the estimator's class by its dotted name; those of a chain joined by `` + ``.
        versions: of the libraries that fitted it.
        unknown: one sentence for each rule that stays unknown without a sample.
        takes_records: it begins with a DictVectorizer, to which an absent field is 0.
        has_names: its fields have names, and are not only numbered.
    """

    features: tuple[Feature, ...]
    predictor: Link
    negative: Level | bool
    positive: Level | bool
    estimator: str
    versions: dict[str, str]
    unknown: tuple[str, ...]
    takes_records: bool
    has_names: bool
