"""The bytes of a file, handed out in order, and the count of what the file has asked for."""

from __future__ import annotations

from augury.errors import PickleError
from augury.frontends import limits
from augury.frontends.standins import Name


class Ledger:
    """Count what a file has asked for, over its pickle and the pickles nested in it."""

    def __init__(self) -> None:
        self.names: dict[Name, None] = {}
        self.opcodes = 0
        self.containers = 0
        self.other_keys = 0
        self.python_2 = False


class Source:
    """Hand out the bytes of one file in order, and never more than it has."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def read(self, size: int) -> bytes:
        """Take the next ``size`` bytes, all of them."""
        end = self.position + size
        if not self.position <= end <= len(self.content):
            raise PickleError("the pickle ends before it is complete", mend="write or copy the file again")
        piece = self.content[self.position : end]
        self.position = end
        return piece

    def readline(self) -> bytes:
        """Take what is left of the line, with its end."""
        return self.read(self.content.find(b"\n", self.position) + 1 - self.position)

    def read_short_line(self) -> bytes:
        """Take a line that holds a number or a name."""
        line = self.readline()
        if len(line) > limits.MAX_LINE:
            raise PickleError(f"the pickle has a number or name of more than {limits.MAX_LINE} bytes")
        return line
