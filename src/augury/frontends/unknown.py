"""What an estimator does not know of its fields: a sentence for each rule that a sample or the author must give."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from augury.contract.fields import CategoryField, Feature, IntegerField, NumberField
from augury.frontends.fitted import Options
from augury.ir.nodes import Link
from augury.ir.walk import find_rules

# A sentence names this many fields.
_SHOWN = 8


def describe_unknown(
    features: Sequence[Feature],
    predictor: Link,
    options: Options,
    *,
    takes_records: bool,
    has_names: bool,
    corrected: Collection[str] = (),
) -> tuple[str, ...]:
    """Write the sentences; ``takes_records`` is so for a DictVectorizer, which counts an absent field as 0.

    Of ``corrected`` fields a person wrote down the kind, the policies and the spellings, so that these are known.
    """
    rules = find_rules(predictor)
    numbers = [field.name for field in features if isinstance(field, NumberField | IntegerField) and field.seen is None]
    unsettled = [name for name in numbers if name not in options.kinds and name not in corrected]
    unfilled = [field.name for field in features if not rules[field.name].missing]
    sentences = []
    if not has_names:
        sentences.append("The names of the fields are unknown, so they are x0, x1, …; give them with --fields.")
    if numbers:
        sentences.append(f"The training range of {_list(numbers)} is unknown, so no value is out of range.")
    if unsettled:
        sentences.append(f"Whether {_list(unsettled)} {_be(unsettled)} whole, a flag or any number is unknown.")
    if unfilled:
        sentences.append(
            f"What a blank in {_list(unfilled)} means is unknown, so null is refused; --fill gives a rule."
        )
    if takes_records:
        optional = [field.name for field in features if field.name not in {*options.optional, *corrected}]
        if optional:
            sentences.append(
                f"Whether training saw records without {_list(optional)} is unknown, so absent is refused."
            )
    categories = [field for field in features if isinstance(field, CategoryField) and field.is_text]
    texts = [field.name for field in categories if field.name not in corrected]
    if texts:
        sentences.append(f"How the table itself spells the levels of {_list(texts)} is unknown.")
    return tuple(sentences)


def _list(names: Sequence[str]) -> str:
    shown = list(names[:_SHOWN])
    if len(names) > _SHOWN:
        shown.append(f"{len(names) - _SHOWN} more fields")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
