"""Run a pickle's opcodes without importing, calling or setting anything: every name becomes an inert stand-in.

The standard library's pure-Python unpickler does what is harmless (numbers, texts, lists, the memo); every opcode that
could act or take more than the file has bytes for is replaced here. The C unpickler is not used: nine bytes
(``LONG_BINPUT`` with a large index) make it reserve 4 GiB.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from typing import Any, NoReturn

from augury.errors import PickleError
from augury.frontends import limits
from augury.frontends.source import Ledger, Source
from augury.frontends.standins import Draft, Name

PYTHON_2_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}
"""Protocols 0 to 2 spell these two modules as Python 2 did; ``pickle`` itself maps them back."""

OTHER_KEYS = (int, float, bool, bytes, Name, Draft, type(None))
"""Types of a dict's key besides text: their hash takes no walk. A Draft is hashed by identity; it may be a scalar."""


class Machine(pickle._Unpickler):  # noqa: SLF001 - the only unpickler whose opcodes can be replaced
    """Read one pickle from ``source`` into plain values, names and drafts; ``on_build`` may replace a draft.

    ``on_build`` is how joblib's blocks are read: they lie between the opcodes, where the reading then goes on.
    """

    stack: list[Any]
    metastack: list[list[Any]]
    append: Callable[[Any], None]

    def __init__(self, source: Source, ledger: Ledger, on_build: Callable[[Draft], Draft]) -> None:
        super().__init__(io.BytesIO())
        self.source = source
        self.ledger = ledger
        self.on_build = on_build
        self.read = source.read
        self.readline = source.read_short_line
        self.memo: dict[int, Any] = {}
        self.proto = 0

    def load(self) -> object:
        """Run the opcodes up to STOP and answer the value on top."""
        self.stack, self.metastack = [], []
        self.append = self.stack.append
        ledger = self.ledger
        while True:
            code = self.read(1)[0]
            if code == pickle.STOP[0]:
                (value,) = self.stack  # a whole pickle leaves one value
                return value
            ledger.opcodes += 1
            ledger.containers += code in MAKES_CONTAINER
            if ledger.opcodes > limits.MAX_OPCODES or ledger.containers > limits.MAX_CONTAINERS:
                raise PickleError("the pickle holds more values than any model that Augury compiles")
            OPCODES[code](self)

    # Names: recorded, never imported.

    def find_class(self, module: str, name: str) -> Name:
        """Answer a stand-in for the name; what may stand in a pickle is judged when all of it has been read."""
        if self.proto < 3:
            module = PYTHON_2_MODULES.get(module, module)
        found = Name(module, name)
        if len(module) + len(name) > limits.MAX_LINE or len(self.ledger.names) >= limits.MAX_NAMES:
            raise PickleError("the pickle names more classes and functions than any model has")
        self.ledger.names[found] = None
        return found

    # Calls: written down, never made.

    def note_call(self, called: object, args: object, kwargs: object = None) -> None:
        """Push a draft for ``called(*args, **kwargs)``."""
        if isinstance(called, Draft):  # what a call answered is called in turn: off the list, under this name
            called = self.find_class(called.called.module, called.called.name + "()")
        if not isinstance(called, Name) or type(args) is not tuple or not isinstance(kwargs, dict | None):
            raise PickleError("the pickle calls what cannot be called")
        if called == Name("copyreg", "_reconstructor") and args and isinstance(args[0], Name):
            called, args = args[0], ()  # how protocols 0 and 1 make an instance without calling its class
        self.append(Draft(called, args, kwargs))

    def load_reduce(self) -> None:
        """Note ``callable(*args)``."""
        args = self.stack.pop()
        self.note_call(self.stack.pop(), args)

    def load_newobj_ex(self) -> None:
        """Note ``cls.__new__(cls, *args, **kwargs)``."""
        kwargs = self.stack.pop()
        args = self.stack.pop()
        self.note_call(self.stack.pop(), args, kwargs)

    def load_obj(self) -> None:
        """Note ``cls(*args)``, with the class first on the stack."""
        args = self.pop_mark()
        self.note_call(args[0], tuple(args[1:]))

    def load_inst(self) -> None:
        """Note ``module.name(*args)``, with both written as lines."""
        module, name = self.readline()[:-1].decode("ascii"), self.readline()[:-1].decode("ascii")
        args = tuple(self.pop_mark())
        self.note_call(self.find_class(module, name), args)

    def load_build(self) -> None:
        """Note an instance's state."""
        state = self.stack.pop()
        draft = self.stack[-1]
        if not isinstance(draft, Draft) or draft.state is not None:
            raise PickleError("the pickle gives a state to what has none, or twice")
        draft.state = state
        self.stack[-1] = self.on_build(draft)

    # Containers: a key is hashed only when that takes no walk.

    def check_key(self, key: object) -> object:
        """Answer the key, if it is text, a scalar or a flat tuple of them."""
        if type(key) is str:
            return key
        self.ledger.other_keys += 1
        parts = key if type(key) is tuple and len(key) <= limits.MAX_DEPTH else (key,)
        if self.ledger.other_keys > limits.MAX_OTHER_KEYS or not all(type(p) in (*OTHER_KEYS, str) for p in parts):
            raise PickleError("the pickle has a set or dict with keys that no model has (nested, or too many numbers)")
        return key

    def load_append(self) -> None:
        """Append one item."""
        self.extend([self.stack.pop()])

    def load_appends(self) -> None:
        """Append the items since the mark."""
        self.extend(self.pop_mark())

    def extend(self, items: list[Any]) -> None:
        """Append to the list, or to the instance of a list's subclass, on top of the stack."""
        top = self.stack[-1]
        (top.items if isinstance(top, Draft) else _only(list, top)).extend(items)

    def load_setitem(self) -> None:
        """Set one item."""
        value = self.stack.pop()
        self.update([self.stack.pop(), value])

    def load_setitems(self) -> None:
        """Set the keys and values since the mark."""
        self.update(self.pop_mark())

    def load_dict(self) -> None:
        """Make a dict of the keys and values since the mark."""
        items = self.pop_mark()
        self.append({})
        self.update(items)

    def update(self, items: list[Any]) -> None:
        """Put keys and values into the dict, or the instance of a dict's subclass, on top of the stack."""
        pairs = list(zip(items[::2], items[1::2], strict=True))
        top = self.stack[-1]
        for key, value in pairs:
            if isinstance(top, Draft):
                top.pairs += (self.check_key(key), value)
            else:
                _only(dict, top)[self.check_key(key)] = value

    def load_additems(self) -> None:
        """Add the items since the mark to the set on top of the stack."""
        items = self.pop_mark()
        _only(set, self.stack[-1]).update(map(self.check_key, items))

    def load_frozenset(self) -> None:
        """Make a set of the items since the mark."""
        items = self.pop_mark()  # before self.append is looked up: closing the mark changes what it is
        self.append(frozenset(map(self.check_key, items)))

    def load_mark(self) -> None:
        """Open a mark."""
        if len(self.metastack) >= limits.MAX_MARKS:
            raise PickleError(f"the pickle is nested more than {limits.MAX_MARKS} deep")
        self.metastack.append(self.stack)
        self.stack = []
        self.append = self.stack.append

    def pop_mark(self) -> list[Any]:
        """Close a mark and answer what was pushed since."""
        items = self.stack
        self.stack = self.metastack.pop()
        self.append = self.stack.append
        return items

    # Numbers and texts.

    def load_integer(self) -> None:
        """Read an integer (or ``00``/``01``, protocol 0's booleans) written as a line."""
        line = self.readline()[:-1].removesuffix(b"L")
        self.push_integer(line == b"01" if line in (b"00", b"01") else int(line, 0))

    def load_long1(self) -> None:
        """Read an integer of up to 255 bytes."""
        self.push_integer(int.from_bytes(self.read(self.read(1)[0]), "little", signed=True))

    def load_long4(self) -> None:
        """Read an integer of up to 2³¹ bytes, of which none needs so many."""
        self.push_integer(int.from_bytes(self.read(self.read_number("<i")), "little", signed=True))

    def push_integer(self, value: int) -> None:
        """Push an integer that is quickly hashed and printed."""
        if value.bit_length() > limits.MAX_INTEGER_BITS:
            raise PickleError(f"the pickle has an integer of more than {limits.MAX_INTEGER_BITS} bits")
        self.append(value)

    def read_number(self, layout: str) -> int:
        """Read a length."""
        number: int = struct.unpack(layout, self.read(struct.calcsize(layout)))[0]
        return number

    def load_unicode(self) -> None:
        """Read a text written as a line of any length: protocol 0 writes whole arrays so."""
        self.push_text(self.source.readline()[:-1].decode("raw-unicode-escape"))

    def load_bytearray8(self) -> None:
        """Read bytes that could be changed; here they cannot."""
        self.append(self.read(self.read_number("<Q")))

    def push_text(self, text: str) -> None:
        """Push a text that UTF-8 can write: half a surrogate pair would break whoever prints it."""
        text.encode()
        self.append(text)

    def load_python_2_text(self, layout: str) -> None:
        """Read a text of Python 2, whose encoding nobody knows: readable for names, refused at the end."""
        self.ledger.python_2 = True
        self.append(self.read(self.read_number(layout)).decode("latin-1"))

    def load_string(self) -> None:
        """Read a text of Python 2 that is written as a quoted line."""
        self.ledger.python_2 = True
        self.append(self.readline()[1:-2].decode("latin-1"))

    # The memo and the frames.

    def memoize(self, index: int) -> None:
        """Remember the value on top of the stack."""
        if not 0 <= index < limits.MAX_MEMO:
            raise PickleError(f"the pickle numbers its values beyond {limits.MAX_MEMO}")
        self.memo[index] = self.stack[-1]

    def load_frame(self) -> None:
        """Pass over a frame's head: frames only group opcodes for reading, and all bytes are at hand."""
        size = self.read_number("<Q")
        if size > len(self.source.content) - self.source.position:
            raise PickleError("the pickle ends before it is complete", mend="write or copy the file again")


def _only(kind: type[Any], value: object) -> Any:
    """Answer the value if it is of that kind exactly."""
    if type(value) is not kind:
        raise PickleError(f"the pickle treats another value as a {kind.__name__}")
    return value


def _refuse(what: str) -> Callable[[Any], NoReturn]:
    def refuse(machine: Machine) -> NoReturn:  # noqa: ARG001 - an opcode's signature
        raise PickleError(f"the pickle refers to {what}, which is not in the file")

    return refuse


def _text(layout: str) -> Callable[[Any], None]:
    return lambda machine: machine.push_text(machine.read(machine.read_number(layout)).decode())


def _python_2_text(layout: str) -> Callable[[Any], None]:
    return lambda machine: machine.load_python_2_text(layout)


def _memoize(layout: str) -> Callable[[Any], None]:
    return lambda machine: machine.memoize(machine.read_number(layout))


_PERSISTENT = _refuse("an object by a persistent id")
_EXTENSION = _refuse("a class by an extension code")
_BUFFER = _refuse("a buffer beside it")

OPCODES: dict[int, Callable[[Any], None]] = {
    **pickle._Unpickler.dispatch,  # noqa: SLF001 - see Machine
    **{
        code[0]: act
        for code, act in {
            pickle.REDUCE: Machine.load_reduce,
            pickle.NEWOBJ: Machine.load_reduce,
            pickle.NEWOBJ_EX: Machine.load_newobj_ex,
            pickle.OBJ: Machine.load_obj,
            pickle.INST: Machine.load_inst,
            pickle.BUILD: Machine.load_build,
            pickle.APPEND: Machine.load_append,
            pickle.APPENDS: Machine.load_appends,
            pickle.SETITEM: Machine.load_setitem,
            pickle.SETITEMS: Machine.load_setitems,
            pickle.DICT: Machine.load_dict,
            pickle.ADDITEMS: Machine.load_additems,
            pickle.FROZENSET: Machine.load_frozenset,
            pickle.MARK: Machine.load_mark,
            pickle.INT: Machine.load_integer,
            pickle.LONG: Machine.load_integer,
            pickle.LONG1: Machine.load_long1,
            pickle.LONG4: Machine.load_long4,
            pickle.UNICODE: Machine.load_unicode,
            pickle.SHORT_BINUNICODE: _text("<B"),
            pickle.BINUNICODE: _text("<I"),
            pickle.BINUNICODE8: _text("<Q"),
            pickle.STRING: Machine.load_string,
            pickle.BINSTRING: _python_2_text("<i"),
            pickle.SHORT_BINSTRING: _python_2_text("<B"),
            pickle.BYTEARRAY8: Machine.load_bytearray8,
            pickle.PUT: lambda machine: machine.memoize(int(machine.readline())),
            pickle.BINPUT: _memoize("<B"),
            pickle.LONG_BINPUT: _memoize("<I"),
            pickle.MEMOIZE: lambda machine: machine.memoize(len(machine.memo)),
            pickle.FRAME: Machine.load_frame,
            pickle.PERSID: _PERSISTENT,
            pickle.BINPERSID: _PERSISTENT,
            pickle.EXT1: _EXTENSION,
            pickle.EXT2: _EXTENSION,
            pickle.EXT4: _EXTENSION,
            pickle.NEXT_BUFFER: _BUFFER,
            pickle.READONLY_BUFFER: _BUFFER,
        }.items()
    },
}
"""Every opcode of protocols 0 to 5; the rest of the standard library's only push, pop, and read numbers."""

MAKES_CONTAINER = frozenset(
    code[0]
    for code in (
        *(pickle.MARK, pickle.EMPTY_LIST, pickle.EMPTY_DICT, pickle.EMPTY_SET),
        *(pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3, pickle.REDUCE, pickle.NEWOBJ, pickle.NEWOBJ_EX),
    )
)
"""Opcodes that make a container or instance; those not here use up a mark for each."""
