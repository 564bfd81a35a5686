"""What a checked field holds: the few plain values that every scorer reads."""

from __future__ import annotations

import enum
from typing import Final


class Unseen(enum.Enum):
    """The state of a category whose level training did not see."""

    UNSEEN = "unseen"


# A level that training did not see, where the contract lets the model's own rule decide.
UNSEEN: Final = Unseen.UNSEEN

# A number or integer is a float, a boolean a bool, a category its level; None is missing.
Value = float | bool | str | int | Unseen | None


class Foreign:
    """What stands for a caller's object that no field but an identifier takes, a date for instance: its type's name."""

    def __init__(self, name: str) -> None:
        self.name = name


class Unreadable:
    """What stands for a caller's object that raised when it was asked what it is."""
