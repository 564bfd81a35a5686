"""From what a person wrote about a field to the field, or to sentences of what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args, get_origin

import msgspec
from msgspec.structs import fields as list_members

from augury.contract.faults import shorten
from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.contract.nearest import find_nearest

KINDS: dict[str, type[Field]] = {
    "number": NumberField,
    "integer": IntegerField,
    "boolean": BooleanField,
    "category": CategoryField,
    "identifier": IdentifierField,
}
# What msgspec calls a type, and what a person calls it.
_TYPES = {"str": "text", "float": "a number", "int": "an integer", "bool": "true or false", "null": "nothing"}
_TYPES |= {"array": "a list", "object": "a table", "datetime": "a time", "date": "a date", "time": "a time"}
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `(?P<place>[^`]*)`)?", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")


def make_field(name: str, members: Mapping[str, object]) -> Field | list[str]:
    """Make a field of its members; or say, for each mistake in them, what it is."""
    kind = members.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        said = "has no kind" if kind is None else f"has the kind {_show(kind)}"
        return [f"{said}; it takes one of {', '.join(KINDS)}"]
    others = {member: value for member, value in members.items() if member != "kind"}
    problems = find_problems(KINDS[kind], others, f"of a field of kind {kind}")
    if problems:
        return problems
    try:
        return msgspec.convert({"name": name, **others}, KINDS[kind])
    except msgspec.ValidationError as error:
        return [explain_mistake(str(error))]


def find_problems(cls: type[msgspec.Struct], members: Mapping[str, object], whose: str) -> list[str]:
    """Find the members that a type does not have, and the words that a member does not take."""
    known = {member.name: member.type for member in list_members(cls) if member.name not in {"name", "fields"}}
    problems = []
    for member, value in members.items():
        if member not in known:
            nearest = find_nearest(member, known)
            hint = f"nearest is {nearest}" if nearest else f"there are {', '.join(known)}"
            problems.append(f"{_show(member)} is no member {whose}; {hint}")
        elif get_origin(known[member]) is Literal and value not in get_args(known[member]):
            words = " or ".join(f'"{word}"' for word in get_args(known[member]))
            problems.append(f"{member} is {_show(value)}; it takes {words}")
    return problems


def explain_mistake(message: str) -> str:
    """Say a message of msgspec in the words of a file that a person writes."""
    found = _MESSAGE.fullmatch(message)
    assert found is not None  # the pattern takes any text
    what, place = found["what"], (found["place"] or "").removeprefix("$").removeprefix(".")
    expected = _EXPECTED.fullmatch(what)
    if expected:
        wanted = " or ".join(_TYPES.get(word, word) for word in expected["expected"].split(" | "))
        return f"{place or 'it'} is {_TYPES.get(expected['got'], expected['got'])}; it takes {wanted}"
    what = what.replace("Object missing required field", "it lacks")
    what = what.replace("Object contains unknown field", "it takes no")
    return (f"{place}: {what}" if place else what).replace("`", "")


def _show(value: object) -> str:
    return shorten(value) if isinstance(value, str) else shorten(str(value)).strip("'")
