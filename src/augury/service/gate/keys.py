"""The keys that a service asks for. What it holds of each is a name and a hash: from neither can a request be made."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from augury.errors import UsageError

# A name goes into the log, so it holds nothing that a log would escape.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
# The characters of a bearer token (RFC 6750, section 2.1). Written in hexadecimal, 128 random bits take 32: what is
# shorter could be guessed, so that it is no key, whatever the file says.
_KEY = re.compile(rb"[A-Za-z0-9._~+/=-]{32,256}")
# A search for leaked secrets (`gitleaks`, a forge's own) finds a key by its beginning.
_BEGINNING = "augury_"
_RANDOM_BYTES = 32
# Every request compares with every key, 0.1 µs each.
_MOST_KEYS = 1_000
_LARGEST_FILE = 1024 * 1024
_FORM = "a line is NAME:sha256:HASH, as `augury key NAME` writes it"


class ApiKey(Struct, frozen=True):
    """Whose key it is, and the SHA-256 of the key in hexadecimal.

    A plain hash is right for a key, as it would not be for a password: nobody can try 2^128 keys, however fast.
    """

    name: str
    sha256: str

    def __repr__(self) -> str:
        return f"ApiKey({self.name!r}, ***)"


def make_key(name: str) -> tuple[str, str]:
    """Make a key of 256 random bits: the key itself, which is kept nowhere, and the line that lets a service know it.

    Raises:
        UsageError: the name is not one that a key can have.
    """
    _check_name(name, "")
    key = _BEGINNING + secrets.token_urlsafe(_RANDOM_BYTES)
    return key, f"{name}:sha256:{hash_key(key.encode()).hex()}"


def is_key(sent: bytes) -> bool:
    """Tell whether these bytes could be a key at all."""
    return _KEY.fullmatch(sent) is not None


def hash_key(key: bytes) -> bytes:
    """Hash a key."""
    return hashlib.sha256(key).digest()


def read_key_file(path: Path) -> tuple[ApiKey, ...]:
    """Read a file of keys: one a line; empty lines and those that begin with ``#`` say nothing.

    Raises:
        UsageError: it cannot be read, anyone may write to it, it holds no key, or a line that is none.
    """
    where = f"--api-keys {path}"
    try:
        with path.open("rb") as file:
            mode, content = os.fstat(file.fileno()).st_mode, file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"the file cannot be read ({error.strerror})", where=where) from None
    if os.name == "posix" and mode & stat.S_IWOTH:
        mend = "take the right from others: chmod o-w"
        raise UsageError("everybody on this machine may add a key to the file", where=where, mend=mend)
    if len(content) > _LARGEST_FILE:
        raise UsageError(f"the file is larger than {_LARGEST_FILE:,} bytes", where=where, mend=_FORM)
    lines = content.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    numbered = [(f"{where}, line {number}", line.strip()) for number, line in enumerate(lines, 1)]
    entries = [(place, line) for place, line in numbered if line and not line.startswith("#")]
    if not entries:
        raise UsageError("there is no key", where=where, mend="`augury key NAME` makes one")
    return read_keys(entries)


def read_keys(entries: Sequence[tuple[str, str]]) -> tuple[ApiKey, ...]:
    """Read keys, each from where it stands and what stands there.

    Raises:
        UsageError: there are too many, or one is malformed or stands twice.
    """
    keys = tuple(_read_key(entry, place) for place, entry in entries)
    check_keys(keys, [place for place, _ in entries])
    return keys


def check_keys(keys: Sequence[ApiKey], places: Iterable[str]) -> None:
    """Check that keys can be told apart.

    Raises:
        UsageError: one is malformed or stands twice, or there are too many.
    """
    if len(keys) > _MOST_KEYS:
        mend = "let callers share keys"
        raise UsageError(f"there are {len(keys):,} keys, more than {_MOST_KEYS:,}", where="--api-keys", mend=mend)
    names: set[str] = set()
    hashes: set[str] = set()
    for key, place in zip(keys, places, strict=True):
        _check_name(key.name, place)
        if not _HASH.fullmatch(key.sha256):
            raise UsageError("the hash is not 64 hexadecimal digits in lower case", where=place, mend=_FORM)
        if key.name in names or key.sha256 in hashes:
            what = "this name" if key.name in names else "this key, under another name,"
            raise UsageError(f"{what} stands above already", where=place, mend="give each caller a key of its own")
        names.add(key.name)
        hashes.add(key.sha256)


def _read_key(entry: str, place: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    kind, colon, digest = rest.partition(":")
    # Not a word of what stands there: it may be the key itself.
    if kind != "sha256" or not colon:
        raise UsageError("this is no key's name and hash", where=place, mend=_FORM)
    return ApiKey(name, digest)


def _check_name(name: str, place: str) -> None:
    if not _NAME.fullmatch(name):
        mend = "use 1 to 64 letters, digits, dots, hyphens and underscores"
        raise UsageError("a key cannot be named so", where=place, mend=mend)
