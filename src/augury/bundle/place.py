"""The folder that a bundle is put into: nothing of the user's in it is lost."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from augury.bundle.files import Files
from augury.bundle.sums import SUMS, find_changed, read_sums
from augury.errors import UsageError


def prepare_place(folder: Path, files: Files, *, is_forced: bool = False) -> Mapping[Path, tuple[bytes]]:
    """Prepare a folder for a bundle, and tell what is to be written where, the list of all files last.

    A bundle that is there already may be replaced, and files that are not a bundle's stay.

    Args:
        folder: to write into; it is made where it is absent.
        files: by path.
        is_forced: replace also what was changed since it was written, or is not a bundle's.

    Raises:
        UsageError: something that is not as a bundle had it would be lost, or the folder cannot be made.
    """
    before = read_sums(folder)
    if not is_forced:
        _check_loses_nothing(folder, files, before)
    targets = {folder / name: (files[name],) for name in sorted(files, key=lambda name: (name == SUMS, name))}
    try:
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be made: {error.strerror}"
        raise UsageError(what, where=str(folder), mend="name another") from None
    return targets


def find_left(folder: Path, files: Files) -> list[Path]:
    """Find what the bundle that is there has and the new one has no more; to be asked before it is replaced."""
    return [folder / name for name in read_sums(folder) if name not in files]


def remove_left(left: list[Path]) -> None:
    """Take away what is left of the bundle before, and the folders that are empty then."""
    for path in left:
        with contextlib.suppress(OSError):  # it is gone already, or its folder holds files of the user's
            path.unlink()
            path.parent.rmdir()


def _check_loses_nothing(folder: Path, files: Files, before: Mapping[str, str]) -> None:
    changed = [name for name, how in find_changed(folder, before).items() if how == "changed"]
    others = [name for name in files if name not in before and name != SUMS and _differs(folder / name, files[name])]
    lost = sorted([*changed, *others])
    if lost:
        listed = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        what = f"{listed} would be lost, and {'is' if len(lost) == 1 else 'are'} not as a bundle was written"
        raise UsageError(what, where=str(folder), mend="name another folder, or give --force")


def _differs(path: Path, content: bytes) -> bool:
    if not path.is_file():
        return path.exists() or path.is_symlink()
    return hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(content).digest()
