"""joblib's additions to a pickle: a compressed file, and arrays as blocks of bytes between the opcodes.

After the opcode that builds a ``NumpyArrayWrapper`` (shape, order, dtype), the file goes on with the array itself:

- elements: since joblib 1.2 one byte with the number of padding bytes and the padding, then the elements;
- objects: another whole pickle, of the array.
"""

from __future__ import annotations

import bz2
import lzma
import math
import zlib
from collections.abc import Callable
from typing import Protocol

from augury.errors import PickleError
from augury.frontends import limits
from augury.frontends.allowlist import current_name
from augury.frontends.arrays import read_shape
from augury.frontends.machine import Machine
from augury.frontends.settle import find_element
from augury.frontends.source import Ledger, Source
from augury.frontends.standins import Draft, Name

WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"

ALIGNMENT = 16
"""joblib's alignment in bytes, and so the most that it pads; written down in the wrapper, never any other."""


class Decompressor(Protocol):
    """What zlib, bz2 and lzma have in common."""

    @property
    def eof(self) -> bool:
        """Whether the compressed stream has ended."""

    @property
    def unused_data(self) -> bytes:
        """What follows the compressed stream."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Decompress up to ``max_length`` bytes."""


COMPRESSIONS: dict[bytes, Callable[[], Decompressor]] = {
    b"\x78": zlib.decompressobj,
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),  # 16 + 15: a gzip head, and the widest window
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": lambda: lzma.LZMADecompressor(memlimit=limits.MAX_LZMA_MEMORY),
    b"\x5d\x00": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=limits.MAX_LZMA_MEMORY),
}
"""The first bytes of the compressions that joblib offers; no opcode that a pickle can begin with is among them."""


def decompress(content: bytes) -> bytes:
    """Decompress what joblib, or gzip, compressed; anything else is answered as it is."""
    make = next((make for magic, make in COMPRESSIONS.items() if content.startswith(magic)), None)
    if make is None:
        return content
    stream = make()
    try:
        plain = stream.decompress(content, limits.MAX_BYTES + 1)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as fault:
        raise PickleError("the file begins like a compressed one, but cannot be decompressed") from fault
    if len(plain) > limits.MAX_BYTES:
        raise PickleError(f"the file holds more than {limits.MAX_BYTES >> 20} MiB when decompressed")
    if not stream.eof:
        raise PickleError("the compressed file ends before it is complete", mend="write or copy the file again")
    if stream.unused_data:
        raise PickleError("the file goes on after its compressed part", mend="write or copy the file again")
    return plain


def read_blocks(source: Source, ledger: Ledger) -> object:
    """Read a pickle in which arrays may lie as blocks."""
    return Machine(source, ledger, lambda draft: _read_block(draft, source, ledger)).load()


def _read_block(draft: Draft, source: Source, ledger: Ledger) -> Draft:
    """Answer, in place of a wrapper, the array that follows it; any other draft as it is."""
    if current_name(draft.called.dotted) != WRAPPER:
        return draft
    wrapper = draft.state
    if not isinstance(wrapper, dict) or "dtype" not in wrapper:
        raise PickleError("the file has an array of joblib without its description")
    element = find_element(wrapper["dtype"])
    if element.kind == "O":
        # Written with pickle alone, so no block can lie in it: there, a wrapper stays an unread instance.
        array = Machine(source, ledger, lambda inner: inner).load()
        if not isinstance(array, Draft):
            raise PickleError("the file has an array of objects that is none")
        return array
    if wrapper.get("numpy_array_alignment_bytes") is not None:
        padding = source.read(1)[0]
        if padding > ALIGNMENT:
            raise PickleError("the file pads an array more than joblib does")
        source.read(padding)
    shape = read_shape(wrapper.get("shape"))
    block = source.read(math.prod(shape) * element.width)
    array = Draft(Name("numpy._core.multiarray", "_reconstruct"), ())
    array.state = (1, shape, wrapper["dtype"], wrapper.get("order") == "F", block)
    return array
