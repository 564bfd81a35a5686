"""What a target answers for a node that it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from augury.errors import UnsupportedError

Answer = TypeVar("Answer")


class Unsupported(Struct, frozen=True):
    """A node that a target does not say, and why."""

    why: str


def find_answer(nodes: Mapping[type, Answer | Unsupported], node: object) -> Answer:
    """Find how a target says a node, in its table of them.

    Raises:
        UnsupportedError: it does not.
    """
    answer = nodes[type(node)]
    if isinstance(answer, Unsupported):
        raise UnsupportedError([(type(node).__name__, answer.why)])
    return answer
