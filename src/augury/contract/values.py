"""What a checked field holds: the few plain values that every scorer reads."""

from __future__ import annotations

import enum
from typing import Final, Literal


class _State(enum.Enum):
    UNSEEN = "unseen"


# A level that training did not see, where the contract lets the model's own rule decide.
UNSEEN: Final = _State.UNSEEN

# A number or integer is a float, a boolean a bool, a category its level; None is missing.
Value = float | bool | str | int | Literal[_State.UNSEEN] | None
