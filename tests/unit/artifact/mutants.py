"""Mutants of an artifact: its content changed at random, rendered canonically, with the digest that it should have."""

from __future__ import annotations

import contextlib
import math
from copy import deepcopy
from random import Random
from typing import Any

import msgspec

from augury.artifact.canonical import render_exact
from augury.artifact.document import Document
from tests.unit.artifact.documents import reseal

# Values that are at some limit of some reader; None and containers among them.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 255, 2**31, 2**53, 2**53 + 1, -(2**63), 2**64, 10**30,
    0.0, -0.0, 0.5, 1.0, -1.0, 1e-300, 5e-324, 1e300, -1e300, 1.7976931348623157e308, 9007199254740993.0,
    "", "no", "yes", "gender", "tenure",
    "refuse", "note", "impute", "optional", "number", "category", "lookup", "one_hot",
    "\0", "\n", "a" * 300, "𝕏", '"', "__proto__", [], {}, [0], [[]], {"node": "number", "field": "tenure"},
)  # fmt: skip


def mutate(content: bytes, random: Random) -> bytes:
    """Change one to four places of an artifact, and seal it again.

    What the types still allow is written canonically, so that it comes as far as the checks behind them.
    """
    document: Any = msgspec.json.decode(content)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        if isinstance(document.get("model"), dict):
            _change(document, random)
    text = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    with contextlib.suppress(msgspec.MsgspecError, ValueError):
        text = render_exact(msgspec.json.decode(text, type=Document))
    return reseal(text)


def _change(document: Any, random: Random) -> None:
    holder, key = _find_place(document, random)
    other_holder, other_key = _find_place(document, random)
    match random.randrange(8):
        case 0 | 1:
            holder[key] = random.choice(VALUES)
        case 2 | 3:
            holder[key] = _nudge(holder[key], random)
        case 4:
            # A copy, for a document that holds itself cannot be written.
            holder[key] = deepcopy(other_holder[other_key])
        case 5:
            del holder[key]
        case 6 if isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        case 6:
            holder[random.choice(("node", "kind", "x", "field", "name", "extra"))] = holder[key]
        case _:
            holder[key], other_holder[other_key] = _swap(holder[key], other_holder[other_key])


def _find_place(document: Any, random: Random) -> tuple[Any, Any]:
    """Walk down the model, or one of its larger parts, to a (container, key): the deeper, the less likely."""
    holder, key = document, "model"
    part = random.choice(("contract", "predictor", "evaluation", "profile", "golden", ""))
    if part in document["model"]:
        holder, key = document["model"], part
    while isinstance(holder[key], dict | list) and holder[key] and random.random() < 0.9:
        holder = holder[key]
        key = random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
    return holder, key


def _nudge(value: Any, random: Random) -> Any:
    """Change a value into one near it of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + random.choice((-1, 1))
    if isinstance(value, float):
        return random.choice((-value, value * 1e9, math.nextafter(value, math.inf), value % 7.0))
    if isinstance(value, str):
        return random.choice((value + "x", value[1:], value.upper()))
    if isinstance(value, list):
        return random.choice((value[::-1], value[1:], value + value[:1]))
    return value


def _swap(left: Any, right: Any) -> tuple[Any, Any]:
    """Exchange two scalars; of containers one may hold the other, so they stay."""
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left, right
    return right, left
