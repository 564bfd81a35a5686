"""One reading of one estimator: what was asked, which version wrote it, and what was noticed on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from augury.errors import UnsupportedError
from augury.frontends.columns import Coded, Column, Raw
from augury.frontends.fitted import Options


class Reading:
    """Hold what the readers of one estimator share.

    ``demands`` are the columns that decide which levels a field has; an encoder that drops its only column still has
    its word there.
    """

    def __init__(
        self, options: Options, version: tuple[int, int], transformers: Mapping[str, TransformerReader]
    ) -> None:
        self.options = options
        self.version = version
        self.transformers = transformers
        self.demands: list[Coded] = []
        self._groups = 0

    def next_group(self) -> int:
        """Answer a new number for a group of columns."""
        self._groups += 1
        return self._groups

    def open_field(self, field: str) -> Raw:
        """Answer the column of a field, filled as the author's own preparation did."""
        return Raw(field, self.options.fill.get(field))


class Block:
    """The columns between two steps of a pipeline.

    ``is_sparse`` tells whether scikit-learn holds them as a sparse matrix; ``names`` are there for the fields of the
    table itself, by which a step may select.
    """

    def __init__(self, columns: list[Column], *, is_sparse: bool = False, names: tuple[str, ...] | None = None) -> None:
        self.columns = columns
        self.is_sparse = is_sparse
        self.names = names

    @property
    def is_single(self) -> bool:
        """Whether the block is held in 32 bits: only if every column is, for joining widens."""
        return bool(self.columns) and all(isinstance(column, Coded) and column.is_single for column in self.columns)

    def select(self, positions: list[int]) -> Block:
        """Answer the columns at some positions."""
        names = None if self.names is None else tuple(self.names[at] for at in positions)
        return Block([self.columns[at] for at in positions], is_sparse=self.is_sparse, names=names)


TransformerReader = Callable[[Mapping[str, object], Block, Reading], Block]
"""Reads a fitted transformer: from its attributes and the columns that go in to those that come out.

It raises UnsupportedError with places relative to the transformer.
"""


def place(parts: UnsupportedError, where: str) -> list[tuple[str, str]]:
    """Prefix the places of a refusal with where its estimator stands."""
    return [(f"{where} > {part}" if part else where, why) for part, why in parts.parts]


_VERSION = re.compile(r"(\d+)\.(\d+)")


def parse_version(version: str | None) -> tuple[int, int]:
    """Read the first two numbers of a version."""
    match = _VERSION.match(version or "")
    if match is None:
        raise UnsupportedError([("", "the file does not say which scikit-learn fitted it, so its meaning is unknown")])
    return int(match[1]), int(match[2])
