"""What stands in a read pickle for the classes, functions and instances that it names; nothing here can act.

::

    Name      a class or function that was named           numpy.float64 (the ``dtype`` of a DictVectorizer)
    Draft     an instance while the pickle is being read   mutable, because a pickle fills it after sharing it
    StandIn   an instance after reading                    immutable, and its arrays are plain values
"""

from __future__ import annotations

import msgspec


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name a class or function by ``module`` and qualified ``name``; it was not imported."""

    module: str
    name: str

    @property
    def dotted(self) -> str:
        """Join module and name, as people write them."""
        return f"{self.module}.{self.name}"


class StandIn(msgspec.Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """Stand for an instance of ``dotted``: the arguments it was made with, and what was put into it.

    ``items`` are what a list's subclass holds, ``pairs`` what a dict's subclass holds. Equality is identity, as for the
    instances that it stands for.
    """

    dotted: str
    args: tuple[object, ...] = ()
    state: object = None
    items: tuple[object, ...] = ()
    pairs: tuple[tuple[object, object], ...] = ()


class Draft:
    """Collect what a pickle says of one instance, in the order in which it says it."""

    __slots__ = ("args", "called", "items", "kwargs", "pairs", "state")

    def __init__(self, called: Name, args: tuple[object, ...], kwargs: dict[object, object] | None = None) -> None:
        self.called = called
        self.args = args
        self.kwargs = kwargs
        self.state: object = None
        self.items: list[object] = []
        self.pairs: list[object] = []  # key, value, key, value, …
