"""Whether the service is stopping: said once by the server, asked by what answers."""

from __future__ import annotations


class Drain:
    """A state with one way: while it has not begun the service is ready, afterwards it finishes what it has."""

    def __init__(self) -> None:
        self.has_begun = False

    def begin(self) -> None:
        """Say that the service is stopping."""
        self.has_begun = True
