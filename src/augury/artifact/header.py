"""The header: the first four lines of every artifact of every format, fixed for ever.

::

    {
      "format": 1,
      "needs": "0.1",
      "digest": "sha256:…64 digits…",

``needs`` is the first version of Augury that reads the file, so that an older one can name what to upgrade to.
"""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

# The digest is taken with these in its own place, for it cannot be part of what it is taken of.
ZEROS = "0" * 64

_HEADER = re.compile(
    rb'\{\n  "format": (0|[1-9][0-9]{0,8}),\n'
    rb'  "needs": "([0-9]{1,4}(?:\.[0-9]{1,4}){1,2})",\n'
    rb'  "digest": "sha256:([0-9a-f]{64})",\n'
)


class Header(Struct, frozen=True):
    """What the header says, and where the digits of the digest stand: ``content[start:end]``."""

    format: int
    needs: tuple[int, ...]
    digest: str
    start: int
    end: int


def read_header(content: bytes) -> Header | None:
    """Read the header; None when the content does not begin with one."""
    found = _HEADER.match(content)
    if found is None:
        return None
    needs = tuple(map(int, found[2].split(b".")))
    return Header(int(found[1]), needs, f"sha256:{found[3].decode()}", found.start(3), found.end(3))


def compute_digest(content: bytes, header: Header) -> str:
    """Compute the digest of a file: the SHA-256 of its bytes with the digits of the digest itself as zeros."""
    sha = hashlib.sha256(content[: header.start])
    sha.update(ZEROS.encode())
    sha.update(memoryview(content)[header.end :])
    return f"sha256:{sha.hexdigest()}"
