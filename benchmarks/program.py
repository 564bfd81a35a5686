"""A program that is compared: how it is started, and in whose environment.

The environments of the rivals are folders of ``AUGURY_RIVALS``, one each, made from ``requirements/rival-NAME.txt``.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from msgspec import Struct

from the_lab import REPOSITORY

HERE = Path(__file__).resolve().parent
RIVALS = Path(os.environ.get("AUGURY_RIVALS") or REPOSITORY / ".venv-rivals")


class Program(Struct, frozen=True, kw_only=True):
    """A program, and how it is started.

    Args:
        name: in tables.
        command: its words; ``{python}`` and ``{bin}`` are of its environment, ``{folder}`` has the fitted models,
            ``{here}`` the scripts.
        environment: whose folder of ``AUGURY_RIVALS``; None is the one that runs the benchmark.
        packages: whose versions are told.
        note: what a reader must know to judge it.
    """

    name: str
    command: tuple[str, ...]
    environment: str | None = None
    packages: tuple[str, ...] = ()
    note: str = ""

    @property
    def folder(self) -> Path:
        """Where its programs are."""
        return RIVALS / self.environment / "bin" if self.environment else Path(sys.executable).parent

    @property
    def is_there(self) -> bool:
        """Whether what it needs is installed."""
        program = self.command[0].format_map(_Blank(bin=self.folder, python=self.folder / "python"))
        return shutil.which(program) is not None and (self.environment is None or self.folder.exists())

    def list_places(self, folder: Path) -> dict[str, object]:
        """List what stands for the blanks of a command; ``folder`` has the fitted models."""
        return {"folder": folder, "here": HERE / "rivals", "bin": self.folder, "python": self.folder / "python"}


class _Blank(dict[str, object]):
    """Leaves what is not known yet as it stands."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
