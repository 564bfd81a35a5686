"""``SHA256SUMS``: what a bundle holds, in the form that ``sha256sum --check`` reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from augury.errors import UsageError

SUMS = "SHA256SUMS"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[^\x00-\x1f\\]+)")


def write_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add the list of all files to them, sorted by name."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return {**files, SUMS: "".join(lines).encode()}


def read_sums(folder: Path) -> dict[str, str]:
    """Read the digests of a bundle's files by their names; there are none where there is no bundle.

    Raises:
        UsageError: the list cannot be read, or names a file outside the folder.
    """
    path = folder / SUMS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise UsageError("the list of a bundle's files cannot be read", where=str(path), mend="bundle again") from None
    digests = {}
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None or found["name"].startswith("/") or ".." in Path(found["name"]).parts:
            what = "this is no line of a bundle's list of files"
            raise UsageError(what, where=f"{path}, line {number}", mend="bundle again")
        digests[found["name"]] = found["digest"]
    return digests


def find_changed(folder: Path, digests: Mapping[str, str]) -> dict[str, str]:
    """Find which of the listed files are not as they were written: by name, ``changed`` or ``missing``."""
    found = {}
    for name, digest in digests.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            found[name] = "missing"
        else:
            if hashlib.sha256(content).hexdigest() != digest:
                found[name] = "changed"
    return found
