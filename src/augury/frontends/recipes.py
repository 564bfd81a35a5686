"""What the harmless names in a pickle mean: arrays, scalars, bytes, sets, dicts, labels of pandas, sparse rows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from augury.errors import PickleError
from augury.frontends.arrays import Array, read_shape
from augury.frontends.settle import Recipe, Settler, check_key, find_element
from augury.frontends.standins import Draft

Values = tuple[Any, ...]
"""An array's values, whose type the array's dtype fixes."""


def _column_order(shape: object, is_column_order: bool) -> tuple[int, ...] | None:
    """List the axes of column order, slowest first; None for row order."""
    return tuple(reversed(range(len(read_shape(shape))))) if is_column_order else None


def _rebuilt_array(settler: Settler, draft: Draft) -> object:
    """``_reconstruct(ndarray, …)`` and the state ``(version, shape, dtype, is_fortran, bytes or list)``."""
    if not isinstance(draft.state, tuple) or len(draft.state) != 5:
        raise PickleError("an array in it has no state")
    _, shape, dtype, is_fortran, content = draft.state
    content = settler.settle(content) if isinstance(content, Draft) else content  # _codecs.encode of protocols 0 to 2
    return settler.rebuild(shape, dtype, content, _column_order(shape, is_fortran is True))


def _buffer_array(settler: Settler, draft: Draft) -> object:
    """``_frombuffer(bytes, dtype, shape, order[, axes])`` of protocol 5."""
    content, dtype, shape, order, *rest = draft.args
    axes = _column_order(shape, order == "F")
    if order == "K" and rest:  # the shape is that of the memory, whose axes NumPy then transposes
        sizes, transposed = read_shape(shape), read_shape(rest[0])
        shape = tuple(sizes[axis] for axis in transposed)
        axes = tuple(transposed.index(axis) for axis in range(len(sizes)))
    elif order not in ("C", "F"):
        raise PickleError("an array in it has an unknown order")
    return settler.rebuild(shape, dtype, settler.settle(content), axes)


def _scalar(settler: Settler, draft: Draft) -> object:
    """``scalar(dtype, bytes)``."""
    dtype, content = draft.args
    if find_element(dtype).kind == "O":
        return settler.settle(content)
    return settler.rebuild((), dtype, settler.settle(content), None)


def _encoded(settler: Settler, draft: Draft) -> object:  # noqa: ARG001 - a recipe's signature
    """``_codecs.encode(text, 'latin1')``: how protocols 0 to 2 write bytes."""
    text, coding = draft.args if len(draft.args) == 2 else ("", "latin1")
    if not isinstance(text, str) or coding not in ("latin1", "latin-1"):
        raise PickleError("the pickle has bytes in an unknown encoding")
    return text.encode("latin-1")


def _bytes(settler: Settler, draft: Draft) -> object:
    """``bytes()``, ``bytearray(b)`` and ``bytearray(text, 'latin-1')``."""
    return _encoded(settler, draft) if len(draft.args) != 1 else settler.settle(draft.args[0])


def _set(settler: Settler, draft: Draft) -> object:
    """``set([…])`` and ``frozenset([…])`` of protocols 0 to 3."""
    items = draft.args[0] if draft.args else []
    if not isinstance(items, list | tuple):
        raise PickleError("the pickle has a set that is not made of a list")
    return frozenset(check_key(settler.settle(part)) for part in items)


def _dict(settler: Settler, draft: Draft) -> object:
    """``OrderedDict()`` or ``defaultdict(…)``, filled afterwards."""
    return settler.settle_pairs(draft.pairs)


def _slice(settler: Settler, draft: Draft) -> object:
    """``slice(start, stop, step)``."""
    return slice(*(settler.settle(part) for part in draft.args))


def _index(settler: Settler, draft: Draft) -> object:
    """``_new_Index(cls, {'data': …})`` or ``({'start': …, 'stop': …, 'step': …})``: pandas' labels, as their array."""
    _, parts = draft.args
    found = parts if isinstance(parts, dict) else {}
    labels = settler.settle(found.get("data"))
    if "stop" in found:
        start, stop, step = (settler.settle(found.get(name)) for name in ("start", "stop", "step"))
        if not isinstance(start, int) or not isinstance(stop, int) or not isinstance(step, int):
            raise PickleError("the pickle has pandas labels that count with no integers")
        numbers = range(start, stop, step)
        settler.count_elements((len(numbers),))
        labels = Array((len(numbers),), tuple(numbers), "i8")
    if not isinstance(labels, Array):
        raise PickleError("the pickle has pandas labels of an unknown kind", mend="give columns as list(columns)")
    return labels


def _pandas_texts(settler: Settler, draft: Draft) -> object:
    """``__pyx_unpickle_NDArrayBacked(…)`` with the state ``(dtype, array[, …])``: pandas 3's column of text."""
    state = draft.state if isinstance(draft.state, tuple) else ()
    arrays = [part for part in map(settler.settle, state) if isinstance(part, Array)]
    if len(arrays) != 1:
        raise PickleError("the pickle has a pandas array of an unknown kind", mend="give columns as list(columns)")
    return arrays[0]


def _sparse(settler: Settler, draft: Draft) -> object:
    """Fill scipy's compressed sparse rows up with zeros: what ``sparsify()`` made of ``coef_``."""
    state = settler.settle(draft.state)
    found = state if isinstance(state, dict) else {}
    parts = [part for part in map(found.get, ("data", "indices", "indptr")) if isinstance(part, Array)]
    shape = read_shape(found.get("_shape"))
    if len(parts) != 3 or len(shape) != 2 or parts[0].dtype not in ("f4", "f8"):
        raise PickleError("the pickle has a sparse matrix that is not one of weights")
    settler.count_elements(shape)
    return Array(shape, _fill_rows(shape, *(part.values for part in parts)), parts[0].dtype)


def _fill_rows(shape: tuple[int, ...], weights: Values, columns: Values, starts: Values) -> tuple[float, ...]:
    """Put ``weights[starts[r]:starts[r + 1]]`` into row ``r``, at the columns of the same positions."""
    is_ordered = len(starts) == shape[0] + 1 and starts[0] == 0 and all(a <= b for a, b in pairwise(starts))
    if not is_ordered or not starts[-1] == len(weights) == len(columns):
        raise PickleError("the pickle has a sparse matrix whose rows contradict each other")
    if not all(0 <= column < shape[1] for column in columns):
        raise PickleError("the pickle has a sparse matrix with weights beyond its columns")
    dense = [0.0] * (shape[0] * shape[1])
    for row, (start, stop) in enumerate(pairwise(starts)):
        for column, weight in zip(columns[start:stop], weights[start:stop], strict=True):
            dense[row * shape[1] + column] = weight
    return tuple(dense)


RECIPES: dict[str, Recipe] = {
    "numpy._core.multiarray._reconstruct": _rebuilt_array,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy._core.numeric._frombuffer": _buffer_array,
    "_codecs.encode": _encoded,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.slice": _slice,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _dict,
    "pandas.core.indexes.base._new_Index": _index,
    "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": _pandas_texts,
    "scipy.sparse._csr.csr_matrix": _sparse,
    "scipy.sparse._csr.csr_array": _sparse,
}
"""What the harmless names mean, under their current spelling; every other instance stays a StandIn."""
