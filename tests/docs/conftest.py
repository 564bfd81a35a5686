from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS
from tests.docs.reader import Reader, fill_cache

TUTORIAL = DOCS / "tutorial" / "from-pickle-to-service.md"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory, telco_csv: Path) -> Path:
    """A cache that holds the public table."""
    folder = tmp_path_factory.mktemp("cache")
    fill_cache(folder, telco_csv)
    return folder


@pytest.fixture(scope="session")
def after_tutorial(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The folder of a reader who has done the tutorial."""
    folder = tmp_path_factory.mktemp("tutorial")
    reader = Reader(folder, cache)
    try:
        reader.read(TUTORIAL)
    finally:
        reader.close()
    return folder


@pytest.fixture
def make_reader(tmp_path: Path, cache: Path) -> Iterator[Callable[[Path], Reader]]:
    """Make a reader in a folder of his own, which begins as a copy of another."""
    readers: list[Reader] = []

    def make(start: Path) -> Reader:
        shutil.copytree(start, tmp_path / "reader")
        readers.append(Reader(tmp_path / "reader", cache))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()
