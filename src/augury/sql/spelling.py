r"""How texts are read, in the words of regular expressions and translations that engines share.

The expressions use only what RE2, Java, PCRE and PostgreSQL understand alike; a backslash is written for the engine's
own reader of texts by whoever puts them into a statement.
"""

from __future__ import annotations

from typing import Final

# The rule decimal-1 with the spaces and tabs that are trimmed; ^ and $ are for engines that search.
NUMBER: Final = r"[ \t]*[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?[ \t]*"
BLANK: Final = r"[ \t\r\n\f\v]*"
CONTROL: Final = r"[\x00-\x1f]"

# The equality fold-1, one character for one.
UNFOLDED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ -"
FOLDED: Final = "abcdefghijklmnopqrstuvwxyz__"
