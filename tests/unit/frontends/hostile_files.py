"""Hostile pickles, made here byte by byte, with the names or the sentence that they must be refused with."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import pickle
import struct
import subprocess
import sys
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from augury.frontends import limits

DEEP = 1_000_000


class Call:
    """Pickles as a call, as a hostile file is made."""

    def __init__(self, called: Callable[..., Any], *args: object) -> None:
        self.called, self.args = called, args

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        """Answer the call."""
        return self.called, self.args


def fit_pair() -> tuple[DictVectorizer, LogisticRegression]:
    """What the lab pickles."""
    vectorizer = DictVectorizer(sparse=False)
    rows = vectorizer.fit_transform([{"contract": "a", "tenure": 1}, {"contract": "b", "tenure": 2}])
    return vectorizer, LogisticRegression().fit(rows, [0, 1])


PAIR = fit_pair()


def clean(text: str) -> str:
    """A function of the user's own."""
    return text.lower()


def make_main_pickle(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The lab's pair with a function of the user's own notebook and one that speaks to the network beside it."""
    own = FunctionType(clean.__code__, {}, "clean")
    own.__module__ = "__main__"
    monkeypatch.setattr(sys.modules["__main__"], "clean", own, raising=False)
    return pickle.dumps((*PAIR, own, urllib.request.urlopen))


def make_nested_joblib(folder: Path) -> bytes:
    """A joblib file whose array of objects calls ``os.system``: a pickle within the file."""
    path = folder / "nested.joblib"
    joblib.dump({"model": PAIR[1], "labels": np.array([Call(os.system, "touch /nowhere/x"), "a"], dtype=object)}, path)
    return path.read_bytes()


def text(value: str) -> bytes:
    """Opcodes that push a text."""
    return b"X" + struct.pack("<I", len(value)) + value.encode()


NAMED: dict[str, tuple[bytes, list[str]]] = {
    "system": (pickle.dumps(Call(os.system, "true")), ["posix.system"]),
    "system_protocol_0": (b"cposix\nsystem\n(S'true'\ntR.", ["posix.system"]),
    "system_instance": (b"(S'true'\niposix\nsystem\n.", ["posix.system"]),
    "system_object": (b"\x80\x02(cposix\nsystem\n" + text("true") + b"o.", ["posix.system"]),
    "system_new": (b"\x80\x04" + text("posix") + text("system") + b"\x93)}\x92.", ["posix.system"]),
    "system_built": (b"\x80\x04cposix\nsystem\n)\x81}K\x01Nsb.", ["posix.system"]),
    "system_never_called": (b"\x80\x04cposix\nsystem\n0N.", ["posix.system"]),
    "system_cut_off": (b"\x80\x04cposix\nsystem\n" + text("true"), ["posix.system"]),
    "system_compressed": (zlib.compress(pickle.dumps(Call(os.system, "true"))), ["posix.system"]),
    "eval": (pickle.dumps(Call(eval, "1 + 1")), ["builtins.eval"]),
    "two_names": (b"\x80\x04cbuiltins\ngetattr\ncos\nfork\n\x86.", ["builtins.getattr", "os.fork"]),
    "called_answer": (
        b"\x80\x04cbuiltins\ngetattr\ncos\nenviron\n\x85R)R.",
        ["builtins.getattr", "os.environ", "builtins.getattr()"],
    ),
    "allowed_answer_called": (b"\x80\x04cbuiltins\nset\n)R)R.", ["builtins.set()"]),
    "lab_and_unknown": (pickle.dumps((*PAIR, subprocess.run)), ["subprocess.run"]),
    "not_numpy": (b"\x80\x04cnumpy\nload\n" + text("x.npy") + b"\x85R.", ["numpy.load"]),
    "terminal_codes": (b"\x80\x04" + text("a\x1b[2J") + text("b\n") + b"\x93.", ["'a\\x1b[2J.b\\n'"]),
}  # fmt: skip
"""Files and the names for which they are refused."""


def nest(open_: bytes, close: bytes = b"") -> bytes:
    """A million levels."""
    return b"\x80\x04" + open_ * DEEP + close * DEEP + b"."


def double(levels: int, then: bytes) -> bytes:
    """A tuple of a tuple twice, and so on: a walk over it, or its hash, takes 2 to the power of the levels."""
    return b"\x80\x04N\x94" + b"".join(b"0h%ch%c\x86\x94" % (level, level) for level in range(levels)) + then


def array_opcodes(shape: bytes, dtype: str, content: bytes) -> bytes:
    """NumPy's own way to pickle an array, with any shape."""
    rebuild = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    element = b"cnumpy\ndtype\n" + text(dtype) + b"K\x00K\x01\x87R(K\x03" + text("<") + b"NNNNNNtb"
    return b"\x80\x04" + rebuild + b"(K\x01" + shape + element + b"\x89" + content + b"tb."


def integer(value: int) -> bytes:
    """Opcodes that push an integer of up to ten bytes."""
    return b"\x8a\x0a" + value.to_bytes(10, "little", signed=True)


ZEROS = bytes(limits.MAX_BYTES + 1024)

COLLIDING = b"".join(integer(i * (2**61 - 1)) + b"N" for i in range(limits.MAX_OTHER_KEYS + 1))
"""Keys and values of a dict; the keys all hash to 0, so that each would be compared with all before it."""

MANY = np.zeros(limits.MAX_ELEMENTS * 3 // 5, "u1")

BOMBS: dict[str, tuple[bytes, str]] = {
    "memo_index": (b"\x80\x04Nr\xff\xff\xff\xff.", "numbers its values beyond"),
    "memo_text_index": (b"\x80\x02Np99999999999999999999\n.", "numbers its values beyond"),
    "bytearray": (b"\x80\x05\x96" + struct.pack("<Q", 2**62) + b".", "ends before"),
    "bytes": (b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b".", "ends before"),
    "bytes_beyond_64_bits": (b"\x80\x04\x8e" + struct.pack("<Q", 2**64 - 1) + b".", "damaged"),
    "text": (b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b".", "ends before"),
    "frame": (b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"N.", "ends before"),
    "negative_integer_length": (b"\x80\x04\x8b\xff\xff\xff\xff.", "ends before"),
    "wide_integer": (
        b"\x80\x04\x8b" + struct.pack("<i", 10_000) + b"\x7f" * 10_000 + b".", "more than 1024 bits"),
    "long_number": (b"\x80\x02L" + b"9" * 1_000_000 + b"L\n.", "a number or name of more than 1024 bytes"),
    "hexadecimal": (b"\x80\x02I0x" + b"f" * 900 + b"\n.", "more than 1024 bits"),
    "deep_marks": (nest(b"("), "nested more than 1000 deep"),
    "deep_tuples": (b"\x80\x04N" + b"\x85" * DEEP + b".", "holds more values than any model"),
    "deep_lists": (nest(b"]", b"a"), "holds more values than any model"),
    "deep_below_the_count": (b"\x80\x04N" + b"\x85" * 200_000 + b".", "nested more than 100 deep"),
    "deep_key": (b"\x80\x04}N" + b"\x85" * 50_000 + b"Ns.", "keys that no model has"),
    "deep_member": (b"\x80\x04\x8f(N" + b"\x85" * 50_000 + b"\x90.", "keys that no model has"),
    "deep_frozen_member": (b"\x80\x04(N" + b"\x85" * 50_000 + b"\x91.", "keys that no model has"),
    "deep_dict_key": (b"\x80\x04(N" + b"\x85" * 50_000 + b"Nd.", "keys that no model has"),
    "deep_ordered_key": (b"\x80\x04ccollections\nOrderedDict\n)RN" + b"\x85" * 50_000 + b"Ns.", "keys that no"),
    "doubled": (double(60, b"."), "repeats values within values"),
    "doubled_key": (double(60, b"}h\x3cNs\x86."), "keys that no model has"),
    "contains_itself": (b"\x80\x04]\x94h\x00a.", "contains itself"),
    "colliding_keys": (b"\x80\x04}(" + COLLIDING + b"u.", "too many numbers"),
    "extension": (b"\x80\x02\x82\x01.", "a class by an extension code"),
    "persistent": (b"\x80\x04N" + b"Q.", "an object by a persistent id"),
    "out_of_band": (b"\x80\x05\x97.", "a buffer beside it"),
    "list_that_is_bytes": (b"\x80\x05\x96" + struct.pack("<Q", 1) + b"a(K\x01e.", "treats another value as a list"),
    "half_a_surrogate": (b"\x80\x04" + b"X\x03\x00\x00\x00\xed\xa0\x80.", "damaged"),
    "half_a_surrogate_in_a_line": (b"\x80\x02V\\ud800\n.", "damaged"),
    "many_elements": (zlib.compress(pickle.dumps([MANY, MANY + 1])), "elements together"),
    "shape_of_nothing": (array_opcodes(integer(0) + integer(2**40) + b"\x86", "f8", b"C\x00"), "claims more than"),
    "huge_shape": (array_opcodes(integer(2**40) + b"\x85", "f8", b"C\x00"), "claims more than"),
    "negative_shape": (array_opcodes(integer(-1) + b"\x85", "f8", b"C\x00"), "not a tuple of integers"),
    "no_width": (array_opcodes(integer(10**6) + b"\x85", "U0", b"C\x00"), "elements of no width"),
    "wrong_bytes": (array_opcodes(integer(3) + b"\x85", "f8", b"C\x08" + b"\0" * 8), "shape and type need 24"),
    "few_objects": (array_opcodes(integer(3) + b"\x85", "O8", b"]"), "not have as many as its shape says"),
    "structures": (array_opcodes(integer(1) + b"\x85", "V8", b"C\x08" + b"\0" * 8), "elements of type V8"),
    "many_names": (b"\x80\x04" + b"".join(b"ca\nb%d\n0" % i for i in range(limits.MAX_NAMES + 1)) + b"N.", "980 more"),
    "zlib": (zlib.compress(ZEROS, 1), "more than 64 MiB when decompressed"),
    "gzip": (gzip.compress(ZEROS, 1, mtime=0), "more than 64 MiB when decompressed"),
    "bz2": (bz2.compress(ZEROS, 1), "more than 64 MiB when decompressed"),
    "xz": (lzma.compress(ZEROS, preset=0), "more than 64 MiB when decompressed"),
    "lzma": (lzma.compress(ZEROS, lzma.FORMAT_ALONE, preset=0), "more than 64 MiB when decompressed"),
    "lzma_dictionary": (b"\x5d" + struct.pack("<IQ", 2**31, 2**64 - 1) + bytes(64), "cannot be decompressed"),
}  # fmt: skip
"""Files that ask for too much, and what they are told."""
