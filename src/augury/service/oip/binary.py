"""The extension for tensors in binary: they stand behind the JSON, little-endian, one after the other.

Who sends so says in the header ``Inference-Header-Content-Length`` where the JSON ends, and in the parameter
``binary_data_size`` of each such input how many bytes are its own.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence

from augury.contract.faults import Fault
from augury.errors import RecordError
from augury.service.oip.datatypes import Datatype

HEADER = "Inference-Header-Content-Length"
OCTETS = "application/octet-stream"

# More digits are no length of any body, and Python refuses to read more than 4,300.
_MAX_DIGITS = 18
_LENGTH = struct.Struct("<I")


def split_body(body: bytes, length: str | None) -> tuple[bytes, memoryview]:
    """Split a body into its JSON and the bytes of its tensors.

    Args:
        body: the whole.
        length: the header that says how long the JSON is; None where there is none, and all is JSON.

    Raises:
        RecordError: the header is no length, or one beyond the body.
    """
    if length is None:
        return body, memoryview(b"")
    if not (length.isdecimal() and len(length) <= _MAX_DIGITS and int(length) <= len(body)):
        detail = f"{HEADER} is the number of bytes of the JSON, at most those of the body"
        raise RecordError([Fault("malformed", "", detail)])
    end = int(length)
    return body[:end], memoryview(body)[end:]


def read_cells(datatype: Datatype, content: memoryview, count: int) -> list[object]:
    """Read the cells of a tensor: NaN is null, as in every column, and a text that is no UTF-8 stays bytes.

    Raises:
        ValueError: the bytes are not those of so many elements; the error says why.
    """
    if datatype.sort == "text":
        return _read_texts(content, count)
    if len(content) != count * datatype.size:
        raise ValueError(f"{count} elements of {datatype.size} bytes are {count * datatype.size} bytes")
    cells: Sequence[object] = struct.unpack(f"<{count}{datatype.letter}", content)
    if datatype.sort == "boolean":
        if any(content.tobytes().translate(None, b"\0\1")):
            raise ValueError("a boolean is one byte, 1 or 0")
        return list(map(bool, cells))
    if datatype.sort == "float":
        return [None if math.isnan(cell) else cell for cell in cells]  # type: ignore[arg-type]
    return list(cells)


def _read_texts(content: memoryview, count: int) -> list[object]:
    pieces, cells, start = bytes(content), list[bytes](), 0
    try:
        for _ in range(count):
            begin = start + _LENGTH.size
            start = begin + _LENGTH.unpack_from(pieces, start)[0]
            cells.append(pieces[begin:start])
    except struct.error:
        raise ValueError(f"they end within element {len(cells)} or before it") from None
    if start != len(pieces):
        raise ValueError(f"they end {'before' if start > len(pieces) else 'after'} the last element does")
    try:
        return [cell.decode() for cell in cells]
    except UnicodeDecodeError:
        return [_read_text(cell) for cell in cells]


def _read_text(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def write_doubles(values: Sequence[float]) -> bytes:
    """Write a tensor of FP64."""
    return struct.pack(f"<{len(values)}d", *values)


def write_texts(texts: Iterable[str]) -> bytes:
    """Write a tensor of BYTES."""
    encoded = (text.encode() for text in texts)
    return b"".join(_LENGTH.pack(len(text)) + text for text in encoded)
