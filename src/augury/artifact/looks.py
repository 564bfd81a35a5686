"""What a file that does not begin as an artifact looks like, and what to do about it."""

from __future__ import annotations

import re

from augury.artifact.header import ZEROS, read_header
from augury.errors import ArtifactError
from augury.looks import find_look

_COMPILE = "make an artifact of the estimator with `augury compile`"
_COPY = "copy or write the file again"
ATTRIBUTES = "`*.augury.json -text` in .gitattributes"

# A pickle of protocol 2 or later; a zlib stream, as joblib's compress=3 writes.
_PICKLE = re.compile(rb"\x80[\x02-\x05]|\x78[\x01\x5e\x9c\xda]")
# The header with other white space, as a formatter or `jq` leaves it.
_REFORMATTED = re.compile(rb'\s*\{\s*"format"\s*:\s*[0-9]+\s*,\s*"needs"\s*:\s*"[0-9.]*"\s*,\s*"digest"\s*:\s*"sha256:')
# A header: what completes one that was cut.
_SAMPLE = b'{\n  "format": 1,\n  "needs": "0.1",\n  "digest": "sha256:%s",\n' % ZEROS.encode()


def describe_foreign(content: bytes) -> ArtifactError:
    """Say why a file that does not begin with the header is no artifact."""
    if not content:
        return ArtifactError("the file is empty", mend=_COPY)
    look = find_look(content)
    if look is not None:
        return ArtifactError(f"the file is no artifact: it looks like {look.what}", mend=look.mend or _COMPILE)
    if _PICKLE.match(content):
        what = "the file is no artifact: it looks like a pickle, which is never read here because it runs code"
        return ArtifactError(what, mend=_COMPILE)
    return _describe_text(content[:4096], len(content))


def _describe_text(start: bytes, size: int) -> ArtifactError:
    if start.startswith(b"\xef\xbb\xbf"):
        return ArtifactError("the file begins with a byte order mark", mend="save it as UTF-8 without one, or " + _COPY)
    if start.startswith(b'{\r\n  "format": '):
        return describe_line_ends()
    if size < len(_SAMPLE) and read_header(start + _SAMPLE[size:]):
        return ArtifactError("the file ends within its header", mend=_COPY)
    if _REFORMATTED.match(start):
        what = "the file was an artifact, but its white space was changed"
        return ArtifactError(what, mend="keep formatters away from it and " + _COPY)
    if start.lstrip().startswith((b"{", b"[")):
        what = "the file looks like JSON, but it does not begin with the header of an artifact"
        return ArtifactError(what, mend=_COPY)
    return ArtifactError("the file is no artifact, or a damaged one", mend=_COPY)


def describe_line_ends() -> ArtifactError:
    """Say that the line ends were changed, and how that is prevented."""
    what = "the line ends of the file were changed to CRLF, as Git does on Windows"
    return ArtifactError(what, mend=f"put {ATTRIBUTES} and check the file out again")
