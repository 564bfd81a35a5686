"""Contracts, models, records and bodies, drawn at random: as often right as wrong, and wrong in every way."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Feature,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
    find_accepted_bounds,
)
from augury.ir.nodes import (
    Bin,
    Binned,
    Category,
    Clip,
    Impute,
    Input,
    Linear,
    Link,
    Lookup,
    Missing,
    Number,
    OneHot,
    Regroup,
    Scalar,
    Standardize,
    Stretch,
)
from augury.ir.walk import can_be_missing, find_width
from tests.contract.cases import Hostile

Draw = Callable[[st.SearchStrategy[Any]], Any]

# Few letters, so that spellings collide and fold alike; one beyond ASCII, and what pointers escape.
_names = st.text("aAbB_- é9/~", min_size=1, max_size=3)
_levels = st.text("aAbB_- é19", max_size=3)
doubles = st.floats(allow_nan=False, allow_infinity=False)
_near = st.one_of(st.integers(-20, 20).map(float), st.floats(-100, 100))
_weights = st.one_of(_near, doubles)


# --- contracts


@st.composite
def contracts(draw: Draw) -> Contract:
    """Draw a contract of one to six fields, of any kind and policy, whose names are often spelt alike."""
    names = draw(st.lists(_names, min_size=1, max_size=12, unique=True))
    fields: list[Field] = []
    while names and len(fields) < 6:
        name, *spellings = [names.pop() for _ in range(min(len(names), draw(st.sampled_from([1, 1, 2, 3]))))]
        kind = draw(_features if not fields else st.one_of(_features, st.just(_draw_identifier)))
        fields.append(kind(draw, {"name": name, "spellings": tuple(spellings)}))
    return Contract(fields=tuple(draw(st.permutations(fields))), unknown_key=draw(st.sampled_from(["note", "refuse"])))


def _draw_policies(draw: Draw) -> dict[str, Any]:
    return {
        "null": draw(st.sampled_from(["refuse", "impute"])),
        "absent": draw(st.sampled_from(["refuse", "optional"])),
    }


def _draw_identifier(_draw: Draw, about: dict[str, Any]) -> IdentifierField:
    return IdentifierField(**about)


def _draw_boolean(draw: Draw, about: dict[str, Any]) -> BooleanField:
    return BooleanField(**about, **_draw_policies(draw))


def _draw_ranges(draw: Draw, near: st.SearchStrategy[float], far: st.SearchStrategy[float]) -> dict[str, Any]:
    ends = draw(st.one_of(st.none(), st.tuples(near, near), st.tuples(far, far)))
    seen = None if ends is None else Bounds(min(ends), max(ends))
    accepted = None if seen is None or draw(st.booleans()) else find_accepted_bounds(seen)
    policies = {policy: draw(st.sampled_from(["note", "refuse"])) for policy in ("near", "far")}
    return {"seen": seen, "accepted": accepted, **policies, **_draw_policies(draw)}


def _draw_number(draw: Draw, about: dict[str, Any]) -> NumberField:
    return NumberField(**about, **_draw_ranges(draw, _near, doubles))


def _draw_integer(draw: Draw, about: dict[str, Any]) -> IntegerField:
    return IntegerField(
        **about, **_draw_ranges(draw, _near.map(math.trunc).map(float), doubles.map(math.trunc).map(float))
    )


def _draw_text_category(draw: Draw, about: dict[str, Any]) -> CategoryField:
    levels = draw(st.lists(_levels, min_size=1, max_size=5, unique=True))
    others = draw(st.lists(_levels.filter(lambda text: text not in levels), max_size=3, unique=True))
    spellings = {other: draw(st.sampled_from(levels)) for other in others}
    return CategoryField(**about, levels=tuple(levels), level_spellings=spellings, **_draw_unseen(draw))


def _draw_integer_category(draw: Draw, about: dict[str, Any]) -> CategoryField:
    wholes = st.one_of(st.integers(-2, 2), st.integers(-(2**53), 2**53))
    levels = draw(st.lists(wholes, min_size=1, max_size=5, unique=True))
    return CategoryField(**about, levels=tuple(levels), **_draw_unseen(draw))


def _draw_unseen(draw: Draw) -> dict[str, Any]:
    return {"unseen": draw(st.sampled_from(["refuse", "note"])), **_draw_policies(draw)}


_features = st.sampled_from([_draw_number, _draw_integer, _draw_boolean, _draw_text_category, _draw_integer_category])


# --- models


@st.composite
def models(draw: Draw) -> tuple[Contract, Link]:
    """Draw a contract, and an additive model with a rule for every state that the contract lets through."""
    contract = draw(contracts())
    inputs = [_draw_input(draw, field) for field in contract.features for _ in range(draw(st.sampled_from([1, 1, 2])))]
    width = sum(map(find_width, inputs))
    weights = draw(st.lists(_weights, min_size=width, max_size=width))
    return contract, Link((Linear(tuple(inputs), tuple(weights), draw(_weights)),))


def _draw_input(draw: Draw, field: Feature) -> Input:
    if draw(st.integers(0, 5)) == 0:
        return Missing(field.name)
    if draw(st.booleans()):
        binned, size = _draw_binned(draw, field)
        columns = draw(st.lists(st.integers(0, size - 1), unique=True, max_size=size))
        return OneHot(binned, tuple(columns), missing=_lets_missing(field) or draw(st.booleans()), unseen=True)
    scalar = _draw_scalar(draw, field)
    return Impute(scalar, draw(_near)) if _lets_missing(field) and can_be_missing(scalar) else scalar


def _lets_missing(field: Feature) -> bool:
    return field.null == "impute" or field.absent == "optional"


def _draw_scalar(draw: Draw, field: Feature) -> Scalar:
    node: Scalar = Number(field.name)
    if isinstance(field, CategoryField) and (field.is_text or field.unseen == "note" or draw(st.booleans())):
        node = _draw_lookup(draw, *_draw_binned(draw, field))
    for _ in range(draw(st.integers(0, 3))):
        node = _draw_arithmetic(draw, node)
    return node


def _draw_lookup(draw: Draw, binned: Binned, size: int) -> Lookup:
    values = draw(st.lists(_weights, min_size=size, max_size=size))
    return Lookup(binned, tuple(values), draw(st.one_of(st.none(), _near)), draw(_near))


def _draw_arithmetic(draw: Draw, node: Scalar) -> Scalar:
    match draw(st.integers(0, 3)):
        case 0:
            return Standardize(node, draw(_weights), draw(_weights.filter(bool)))
        case 1:
            return Stretch(node, draw(_weights.filter(bool)), draw(_weights))
        case 2:
            low, high = sorted(draw(st.tuples(_near, _near)))
            return Clip(node, low, high)
    return Impute(node, draw(_near))


def _draw_binned(draw: Draw, field: Feature) -> tuple[Binned, int]:
    binned: Binned = Category(field.name)
    size = len(field.levels) if isinstance(field, CategoryField) else 2
    if isinstance(field, NumberField | IntegerField) or draw(st.integers(0, 3)) == 0:
        edges = sorted(draw(st.lists(_near, max_size=4, unique=True)))
        binned, size = Bin(_draw_scalar(draw, field), tuple(edges)), len(edges) + 1
    if draw(st.booleans()):
        merged = draw(st.integers(1, 3))
        groups = draw(st.lists(st.integers(0, merged - 1), min_size=size, max_size=size))
        state = st.one_of(st.none(), st.integers(0, merged - 1))
        binned, size = Regroup(binned, merged, tuple(groups), draw(state), draw(state)), merged
    return binned, size


# --- records

_json_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-20, 20),
    st.integers(),
    st.sampled_from([2**53, 2**53 + 1, -(2**53), 2**63, 2**64, 10**30, -0.0, 1e308, 5e-324, 1.5, 41.0]),
    doubles,
    _levels,
    st.sampled_from(["", " ", "12", " 1 ", "nan", "true", "\x00", "a\n", "\x7f", "😀", "a:b"]),
)
json_values = st.recursive(
    _json_scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_names, inner, max_size=2), max_leaves=4
)


def _right_values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a field mostly takes, in any spelling."""
    match field:
        case IdentifierField():
            return st.one_of(st.none(), st.booleans(), st.integers(-9, 9), _near, _levels)
        case BooleanField():
            return st.booleans()
        case CategoryField():
            spelt = st.sampled_from([*field.levels, *field.level_spellings])
            return st.one_of(spelt, spelt.map(_swap_case) if field.is_text else spelt.map(float))
        case NumberField() | IntegerField():
            seen = field.seen or Bounds(-100, 100)
            ends = st.sampled_from([seen.low, seen.high])
            inside = st.floats(seen.low, seen.high)
            return st.one_of(inside, ends, inside.map(lambda x: int(x) if abs(x) < 2**53 else x))
    raise AssertionError(field)


def _swap_case(text: str) -> str:
    return text.swapcase().replace("_", " ") if text.isascii() else text


@st.composite
def member_lists(
    draw: Draw, contract: Contract, hostile: st.SearchStrategy[Any] = json_values
) -> list[tuple[str, Any]]:
    """Draw the members of a record: often whole and right, else with wrong values and absent, doubled, unknown keys."""
    is_right = draw(st.booleans())
    members: list[tuple[str, Any]] = []
    for field in contract.fields:
        times = 1 if is_right else draw(st.sampled_from([0, 1, 1, 1, 1, 2]))
        for _ in range(times):
            key = draw(st.sampled_from([field.name, *field.spellings]))
            key = _swap_case(key) if not is_right and draw(st.integers(0, 4)) == 0 else key
            is_hostile = not is_right and draw(st.integers(0, 3)) == 0
            members.append((key, draw(hostile if is_hostile else _right_values(field))))
    if not is_right:
        members += draw(st.lists(st.tuples(_names, hostile), max_size=2))
    return list(draw(st.permutations(members)))


@st.composite
def bodies(draw: Draw, contract: Contract) -> bytes:
    """Draw the body of a record, as any writer of JSON might write it, or with some bytes wrong."""
    write = draw(st.sampled_from([_write_plain, _write_escaped, _write_spaced]))
    body = (
        "{" + ",".join(f"{write(key)}:{write(value)}" for key, value in draw(member_lists(contract))) + "}"
    ).encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 2))
        body = body[:at] + draw(st.one_of(st.binary(max_size=2), _fragments)) + body[at + cut :]
    return body


_fragments = st.sampled_from(
    [
        *(b"NaN", b"1e400", b"-", b"0", b"9" * 20, b"9" * 400, b"null"),
        *(b'"', b"\\", b"\\u0000", b"\\ud800", b"\\u0061", b'"a":1,'),
        *(b",", b":", b"[", b"{}", b"}", b"]", b"[" * 9),
        *(b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b" ", b"\n", b"\x00"),
    ]
)


def _write_plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write_escaped(value: Any) -> str:
    if isinstance(value, str):
        return '"' + "".join(f"\\u{unit:04x}" for unit in _units(value)) + '"'
    return json.dumps(value)


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def _write_spaced(value: Any) -> str:
    return f" {json.dumps(value, ensure_ascii=False)}\n"


# --- what Python can hold


class _Odd(str):
    """A text that raises when it is asked for itself."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError


class _Unequal:
    """An object that cannot be compared or called by its name."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __ne__ = __eq__

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


def _numpy_scalars() -> st.SearchStrategy[Any]:
    import numpy as np

    kinds = [np.float64, np.float32, np.float16, np.longdouble, np.int64, np.uint8, np.bool_, np.str_]
    made = st.builds(lambda kind, number: kind(number), st.sampled_from(kinds), st.integers(0, 20))
    odd = [
        np.float32("nan"),
        np.float64("inf"),
        np.datetime64("NaT", "s"),
        np.array(1.5),
        np.array([1.5]),
        np.array([]),
        np.void(b"a"),
    ]
    return st.one_of(made, st.sampled_from(odd))


python_values = st.one_of(
    json_values,
    st.floats(),
    st.integers(-(10**400), 10**400),
    st.text(st.characters(categories=["Cs", "Lu", "Cc"]), max_size=3),
    st.deferred(_numpy_scalars),
    st.sampled_from(
        [Decimal("0.1"), Decimal("NaN"), Decimal("sNaN"), Decimal("1e999"), Fraction(1, 3), 1j, b"a", object]
    ),
    st.builds(Hostile),
    st.builds(_Unequal),
    st.builds(_Odd, _levels),
    st.tuples(_near),
)


@st.composite
def python_records(draw: Draw, contract: Contract) -> Any:
    """Draw a dict for a contract, with anything that Python can hold where something is wrong; seldom no dict."""
    if draw(st.integers(0, 20)) == 0:
        return draw(python_values)
    record: dict[Any, Any] = dict(draw(member_lists(contract, python_values)))
    if draw(st.integers(0, 5)) == 0:
        record |= {
            draw(st.one_of(st.none(), st.integers(), _levels.map(_Odd), st.text("\ud800a"))): draw(python_values)
        }
    return record
