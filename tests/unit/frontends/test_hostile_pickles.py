"""Hostile pickles are refused by name or by limit; nothing of them runs, and memory stays flat."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augury.errors import PickleError, UnsafePickleError
from augury.frontends import limits
from augury.frontends.unpickle import read_pickle
from tests.unit.frontends.hostile_files import BOMBS, NAMED, PAIR, make_main_pickle, make_nested_joblib

PICKLES = Path(__file__).parents[2] / "compat" / "pickles"
SOAK = os.environ.get("AUGURY_SOAK") == "1"
MUTANTS = 200_000 if SOAK else 4_000
"""Damaged copies that are read: minutes when soaking, seconds otherwise."""

MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What one watched process says of every hostile file."""
    folder = tmp_path_factory.mktemp("hostile")
    contents = {name: content for name, (content, _) in (NAMED | BOMBS).items()}
    contents["nested"] = make_nested_joblib(folder)
    contents["warm"] = pickle.dumps([np.array(["é"]), np.array(["x"], dtype=">U1"), *PAIR], 0)
    contents["harmless"] = pickle.dumps(PAIR)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    names = ["warm", *(name for name in contents if name != "warm")]
    command = [sys.executable, Path(__file__).with_name("read_under_audit.py"), *(folder / name for name in names)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=300)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_watch_sees_what_the_real_unpickler_does(tmp_path: Path) -> None:
    """The hook that finds nothing with our reader finds imports, lookups and the call with Python's own."""
    (tmp_path / "bad").write_bytes(NAMED["system"][0])
    program = (
        "import sys, pickle; seen = []; sys.addaudithook(lambda event, args: seen.append(event));"
        "pickle._loads(open(sys.argv[1], 'rb').read()); print(seen)"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "bad"], capture_output=True, check=True)
    assert b"'pickle.find_class'" in done.stdout
    assert b"'os.system'" in done.stdout


@pytest.mark.parametrize("name", [*NAMED, *BOMBS, "nested", "harmless"])
def test_nothing_runs_and_memory_stays_flat(name: str, watched: dict[str, dict[str, Any]]) -> None:
    """Reading opens the file and does nothing else that the interpreter reports; memory follows the file's size."""
    opened, *others = watched[name]["acts"]
    assert opened.endswith(f"/{name}")
    assert len(others) == 1, "the descriptor becomes a file object, and that is all"
    assert others[0].removeprefix("open ").isdigit()
    is_decompressed = name in ("zlib", "gzip", "bz2", "xz", "lzma", "many_elements")  # read before it is too much
    assert watched[name]["peak"] < (2 * limits.MAX_BYTES if is_decompressed else 0) + 48 * MEBIBYTE
    assert ("read: tuple" in watched[name]["answer"]) == (name == "harmless")


@pytest.mark.parametrize("name", NAMED)
def test_refused_by_name(name: str) -> None:
    """All names off the list are told together, and that nothing was run."""
    content, names = NAMED[name]
    with pytest.raises(UnsafePickleError, match="nothing in it was run") as refusal:
        read_pickle(content)
    assert [found for found, _ in refusal.value.names] == names
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("name", BOMBS)
def test_refused_by_limit(name: str) -> None:
    """What asks for too much, or for what is not in the file, is refused in one sentence."""
    content, sentence = BOMBS[name]
    with pytest.raises(PickleError) as refusal:
        read_pickle(content)
    assert sentence in str(refusal.value)
    assert str(refusal.value).isprintable()


def test_what_each_name_is_stands_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file with the lab's classes and unknown names is refused with what each is; so is a pickle within joblib's."""
    with pytest.raises(UnsafePickleError) as refusal:
        read_pickle(make_main_pickle(monkeypatch))
    assert refusal.value.names == (
        ("__main__.clean", "your own function or class"),
        ("urllib.request.urlopen", "speaks to the network"),
    )
    with pytest.raises(UnsafePickleError) as nested:
        read_pickle(make_nested_joblib(tmp_path))
    assert nested.value.names == (("posix.system", "runs programs"),)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """A sparse file of 10 GiB is refused by its size, at the limit plus one byte too; at the limit it is read."""
    path = tmp_path / "large"
    for size, sentence in ((10 * 2**30, "larger than 64 MiB"), (limits.MAX_BYTES + 1, "larger than 64 MiB")):
        with path.open("wb") as file:
            file.truncate(size)
        with pytest.raises(PickleError, match=sentence):
            read_pickle(path)
    with path.open("wb") as file:
        file.truncate(limits.MAX_BYTES)
    with pytest.raises(PickleError, match="no pickle"):
        read_pickle(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    """A FIFO that nobody writes to is refused at once."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PickleError, match="not a regular file"):
        read_pickle(tmp_path / "pipe")


@pytest.mark.parametrize(
    "name", ["pair.pkl", "pair.protocol0.pkl", "pair.joblib", "pair.zlib.joblib", "pair.xz.joblib"]
)
def test_every_truncation_is_refused(name: str) -> None:
    """A file that ends early, after any number of bytes, is refused."""
    content = (PICKLES / "1.9.1" / name).read_bytes()
    for end in range(len(content)):
        with pytest.raises(PickleError):
            read_pickle(content[:end])


def damage(content: bytes, generator: random.Random) -> bytes:
    """Change, delete, insert or repeat some bytes."""
    changed = bytearray(content)
    for _ in range(generator.choice((1, 1, 2, 5, 20))):
        start = generator.randrange(len(changed))
        stop = min(start + generator.choice((0, 1, 1, 4, 40)), len(changed))
        piece = generator.choice(
            (generator.randbytes(stop - start), b"", changed[start:stop] * 2, generator.randbytes(1))
        )
        changed[start:stop] = piece
        changed = changed or bytearray(b".")
    return bytes(changed)


def test_damaged_files_are_read_or_refused() -> None:
    """Whatever bytes change, the reader answers or raises PickleError, and nothing else."""
    generator = random.Random(2)
    contents = [path.read_bytes() for path in sorted(PICKLES.glob("*/*")) if path.suffix in (".pkl", ".joblib")]
    refused = 0
    for _ in range(MUTANTS):
        try:
            read_pickle(damage(generator.choice(contents), generator))
        except PickleError:
            refused += 1
    assert MUTANTS // 2 < refused < MUTANTS
