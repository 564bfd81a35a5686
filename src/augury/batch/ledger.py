"""The folder of a run at work: what the run is of, and which parts are done. A kill at any time leaves whole parts.

::

    OUT.augury-parts/
        manifest.json       what the run is of, as JSON
        part-00000.parquet  the answers of a part
        rejects-00000.csv   its refused rows, where there are some
        part-00000.json     its receipt: it is written last, and a part is done when it is there
        table               what becomes of a table in a database that has the name of this run's
        spill/              what does not fit into memory
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from augury.artifact.write import replace_file
from augury.errors import UsageError

if sys.platform != "win32":
    import fcntl

_MANIFEST = "manifest.json"
_RECEIPT = re.compile(r"part-(\d{5,})\.json")
_SPILL = "spill"
_NOTE = "table"
# What is noted of a table in a database: that the run may replace one, or that it makes one where there was none.
REPLACES = "replaces"
MAKES = "makes"


class Count(Struct, frozen=True):
    """In how many rows a field has a fault."""

    field: str
    code: str
    rows: int


class Receipt(Struct, frozen=True):
    """What was done of a part.

    Args:
        number: of the part.
        rows: that it has.
        scored: rows that were scored.
        files: names and sizes in bytes of the files that it consists of.
        faults: of its refused rows.
    """

    number: int
    rows: int
    scored: int
    files: dict[str, int]
    faults: tuple[Count, ...] = ()


class Ledger:
    """The folder of a run, and the receipts in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.receipts: dict[int, Receipt] = {}
        self._held = -1

    @property
    def spill(self) -> Path:
        """Where the engine puts what does not fit into memory."""
        return self.folder / _SPILL

    def begin(self, manifest: Mapping[str, object], *, resume: bool, force: bool) -> None:
        """Make the folder and hold it against other runs, or take up what a stopped run left in it.

        Raises:
            UsageError: a run is at work there, there is such a folder and nothing was said about it, or it is of
                another run.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            self._hold()
            if force:
                self._empty()
            elif self._check(manifest, resume=resume):
                self._take_up()
                return
            replace_file(self.folder / _MANIFEST, msgspec.json.encode(manifest))
        except UsageError:
            self.release()
            raise
        except OSError as error:
            self.release()
            what = f"its folder cannot be written to: {error.strerror}"
            raise UsageError(what, where=str(self.folder), mend="name a file in another folder") from None

    def sign(self, receipt: Receipt) -> None:
        """Note that a part is done; its files are on the disk."""
        content = msgspec.json.encode(receipt)
        replace_file(self.folder / f"part-{receipt.number:05}.json", content)
        self.receipts[receipt.number] = receipt

    @property
    def noted(self) -> str | None:
        """What is noted of the table in a database."""
        try:
            return (self.folder / _NOTE).read_text()
        except OSError:
            return None

    def note(self, word: str) -> None:
        """Note what becomes of a table in a database."""
        replace_file(self.folder / _NOTE, word.encode())

    def remove(self) -> None:
        """Remove the folder: what was made in it has its place."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def release(self) -> None:
        """Let another run have the folder, as the end of the process does."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def remove_spill(self) -> None:
        """Remove what the engine put aside."""
        shutil.rmtree(self.spill, ignore_errors=True)

    def _hold(self) -> None:
        if sys.platform == "win32":
            return  # there a file that is open is kept from being replaced
        self._held = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "another run is at work on this output"
            raise UsageError(what, where=str(self.folder), mend="wait for its end, or name another output") from None

    def _empty(self) -> None:
        self.remove_spill()
        for path in self.folder.iterdir():
            path.unlink()

    def _check(self, manifest: Mapping[str, object], *, resume: bool) -> bool:
        """Compare the folder's manifest with this run's; there is none where the run was killed before it began."""
        path = self.folder / _MANIFEST
        if not path.is_file():
            if any(self.folder.iterdir()):
                what = "this folder is in the way and holds no stopped run"
                raise UsageError(what, where=str(self.folder), mend="move it away")
            return False
        if not resume:
            what = "a run was stopped here"
            raise UsageError(what, where=str(self.folder), mend="go on with --resume, or start anew with --force")
        try:
            left = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        except (OSError, msgspec.DecodeError):
            what = "the manifest of the stopped run cannot be read"
            raise UsageError(what, where=str(path), mend="start anew with --force") from None
        # Through JSON, in which a tuple is a list.
        now = msgspec.json.decode(msgspec.json.encode(manifest), type=dict[str, object])
        others = [key for key in now if left.get(key) != now[key]]
        if others:
            what = f"the stopped run was of {' and '.join(f'another {key}' for key in others)}"
            raise UsageError(what, where=str(self.folder), mend="give what it was given, or start anew with --force")
        return True

    def _take_up(self) -> None:
        """Read the receipts, and remove every file that none of them names: it may be half-written."""
        self.remove_spill()
        known = {_MANIFEST, _NOTE}
        for path in sorted(self.folder.iterdir()):
            receipt = _read_receipt(path)
            if receipt is not None and self._holds(receipt):
                self.receipts[receipt.number] = receipt
        # Parts are done in order: where one is damaged, those after it begin nobody knows where.
        whole = len([number for at, number in enumerate(sorted(self.receipts)) if at == number])
        self.receipts = {number: receipt for number, receipt in self.receipts.items() if number < whole}
        for receipt in self.receipts.values():
            known |= {f"part-{receipt.number:05}.json", *receipt.files}
        for path in self.folder.iterdir():
            if path.name not in known:
                path.unlink()

    def _holds(self, receipt: Receipt) -> bool:
        with contextlib.suppress(OSError):
            return all((self.folder / name).stat().st_size == size for name, size in receipt.files.items())
        return False


def settle(path: Path, place: Path) -> int:
    """Put a finished file on the disk and then into its place, whole even where that is on another disk.

    Answers its size in bytes.
    """
    size = _sync(path)
    try:
        path.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = place.with_name(f"{place.name}.augury-tmp")
        shutil.copyfile(path, near)
        _sync(near)
        near.replace(place)
        path.unlink()
    return size


def _sync(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def _read_receipt(path: Path) -> Receipt | None:
    if _RECEIPT.fullmatch(path.name) is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError):
        return None
