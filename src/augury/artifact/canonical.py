r"""The canonical rendering: the one sequence of bytes that says a document, and its digest.

JSON with two spaces of indentation and one final newline, members in the order of their definition, no member left
out, numbers as the shortest text that reads back as the same double (a float always has a ``.`` or an exponent),
texts in UTF-8 with only ``"``, ``\`` and U+0000 to U+001F escaped.

The digest can be computed without Augury: it stands on line 4, and is taken with its 64 digits as zeros::

    sed '4s/[0-9a-f]\{64\}/0000000000000000000000000000000000000000000000000000000000000000/' \
        churn.augury.json | sha256sum
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from augury.artifact.document import Document
from augury.artifact.header import ZEROS, compute_digest, read_header
from augury.errors import ArtifactError

_DECODER = msgspec.json.Decoder(Document)
_MEND = "correct the document before it is written"


def render(document: Document) -> bytes:
    """Render a document canonically; an integer where a float belongs becomes the float.

    Raises:
        ArtifactError: the document holds something that the file cannot say: NaN, infinity, a value of another type,
            half of a surrogate pair.
    """
    try:
        unsayable = next(_find_unsayable(msgspec.to_builtins(document), "document"), None)
        if unsayable is None:
            # What is decoded has every member in the type of its definition, so that it is rendered in one way only.
            return render_exact(_DECODER.decode(msgspec.json.encode(document)))
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as error:
        unsayable = str(error)
    raise ArtifactError(f"the document cannot be written: {unsayable}", mend=_MEND)


def render_exact(document: Document) -> bytes:
    """Render a document whose members are exactly of the types of their definition, as decoding leaves them."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def digest(rendered: bytes) -> str:
    """Compute the digest of a rendered document, whatever its own digest says."""
    header = read_header(rendered)
    if header is None:
        raise ArtifactError("the document has no header as the format fixes it", mend=_MEND)
    return compute_digest(rendered, header)


def seal(document: Document) -> tuple[Document, bytes]:
    """Fill in the digest; answer with the sealed document, as reading the file gives it, and the file's bytes."""
    blank = render(msgspec.structs.replace(document, digest=f"sha256:{ZEROS}"))
    sealed = msgspec.structs.replace(_DECODER.decode(blank), digest=digest(blank))
    return sealed, render_exact(sealed)


def _find_unsayable(built: object, where: str) -> Iterator[str]:
    """Find the numbers for which JSON has no text; msgspec would write null for them without a word."""
    if isinstance(built, float):
        if not math.isfinite(built):
            yield f"{where} is {built}"
    elif isinstance(built, dict):
        for key, value in built.items():
            yield from _find_unsayable(value, f"{where}.{key}")
    elif isinstance(built, list | tuple):
        for index, value in enumerate(built):
            yield from _find_unsayable(value, f"{where}[{index}]")
