"""How much a pickle may ask for before it is refused.

A pickle is a program: nine bytes can ask for 4 GiB, and sixty can build a value that takes 2⁶⁰ steps to walk. Each
limit is far above what the largest linear model that fits an artifact needs and low enough that a hostile file costs
seconds and a few hundred megabytes at most.
"""

from __future__ import annotations

MAX_BYTES = 64 * 2**20
"""Of a file, and of what it holds when decompressed: as much as an artifact may have, whose JSON is the longer text."""

MAX_LZMA_MEMORY = 128 * 2**20
"""Bytes that lzma may reserve for its dictionary: ``xz -9``, the largest preset, needs 65 MiB to decompress."""

MAX_OPCODES = 8_000_000
"""About ten seconds of reading. A DictVectorizer spends four opcodes a feature, so two million features fit."""

MAX_CONTAINERS = 250_000
"""Lists, tuples, dicts, sets and instances. A wide pipeline has a few thousand; an empty set costs 216 bytes."""

MAX_MEMO = 2_000_000
"""Entries of the memo, and its largest index: writers number it from 0 without gaps, one entry for each text."""

MAX_MARKS = 1_000
"""Marks open at a time: one for each level of nesting, of which :data:`MAX_DEPTH` are allowed anyway."""

MAX_DEPTH = 100
"""Levels of nesting: a pipeline within a pipeline costs five. Later steps may recurse, at three frames a level."""

MAX_UNFOLDED = 2**24
"""Values counted as often as they are referred to: sixty pairs of the pair before would be walked 2⁶⁰ times."""

MAX_ELEMENTS = 2**23
"""Elements of all arrays together: as many float64 as fit :data:`MAX_BYTES`."""

MAX_OTHER_KEYS = 10_000
"""Keys that are not text: hashes of numbers can be made to collide, and then a dict takes quadratic time."""

MAX_INTEGER_BITS = 1_024
"""Bits of an integer: the widest in real files are the 128 of a generator's seed; hashing a huge one takes long."""

MAX_LINE = 1_024
"""Bytes of a number or a name in text: a million digits take Python minutes to read."""

MAX_NAMES = 1_000
"""Different classes and functions: the widest pipeline that we compile names about fifty."""
