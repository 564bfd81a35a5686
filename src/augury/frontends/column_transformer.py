"""``ColumnTransformer``: which columns go to which transformer, and how their outputs are joined."""

from __future__ import annotations

from msgspec import structs

from augury.errors import UnsupportedError
from augury.frontends.arrays import Array
from augury.frontends.attributes import attributes
from augury.frontends.columns import Coded, Column
from augury.frontends.pipeline import read_transformer
from augury.frontends.plain import Attributes, read_series
from augury.frontends.reading import Block, Reading
from augury.frontends.standins import StandIn


def read_column_transformer(attrs: Attributes, block: Block, reading: Reading) -> Block:
    """Read a fitted ColumnTransformer; its refusals are those of all its transformers together."""
    if attrs.get("transformer_weights"):
        why = "it multiplies columns, which the classifier's weights do anyway: leave it None and fit again"
        raise UnsupportedError([("transformer_weights", why)])
    outputs: list[Block] = []
    parts: list[tuple[str, str]] = []
    for entry in read_series(attrs, "transformers_"):
        if not isinstance(entry, tuple | list) or len(entry) != 3:
            raise UnsupportedError([("transformers_", "an entry is not a name, a transformer and its columns")])
        name, transformer, selection = entry
        if isinstance(transformer, str) and transformer == "drop":
            continue
        try:
            chosen = block.select(find_positions(selection, block))
            if chosen.columns:
                outputs.append(read_transformer(str(name), transformer, chosen, reading))
        except UnsupportedError as refusal:
            parts.extend(refusal.parts)
    if parts:
        raise UnsupportedError(parts)
    return _join(outputs, is_sparse=attrs.get("sparse_output_") is True)


def _join(blocks: list[Block], *, is_sparse: bool) -> Block:
    """Put blocks side by side; 32 bits next to 64 become 64."""
    columns: list[Column] = [column for block in blocks for column in block.columns]
    if not all(block.is_single for block in blocks):
        columns = [
            structs.replace(column, is_single=False) if isinstance(column, Coded) else column for column in columns
        ]
    return Block(columns, is_sparse=is_sparse)


def find_positions(selection: object, block: Block) -> list[int]:
    """Find the positions that a selection means: names, positions, a mask, a slice of either, or one of them.

    A callable selection was called when the transformer was fitted, so it is not met here.
    """
    count = len(block.columns)
    if isinstance(selection, slice):
        return _find_slice(selection, block)
    keys = _list_keys(selection)
    if keys and all(isinstance(key, bool) for key in keys):
        if len(keys) != count:
            raise UnsupportedError([("columns", f"a mask of {len(keys)} for {count} columns")])
        return [at for at, key in enumerate(keys) if key]
    return [_find_position(key, block) for key in keys]


def _list_keys(selection: object) -> list[object]:
    if isinstance(selection, str | int):
        return [selection]
    if isinstance(selection, Array):
        return list(selection.values)
    if isinstance(selection, StandIn):  # _RemainderColsList of 1.5 and 1.6, a UserList of positions or names
        selection = selection.state.get("data") if isinstance(selection.state, dict) else None
    elif not isinstance(selection, list | tuple):
        selection = attributes(selection).get("data")
    if isinstance(selection, list | tuple):
        return list(selection)
    raise UnsupportedError([("columns", "they are neither names nor positions nor a mask nor a slice")])


def _find_position(key: object, block: Block) -> int:
    count = len(block.columns)
    if isinstance(key, str):
        if block.names is None or key not in block.names:
            where = "is none of the columns" if block.names else "is a name, and the columns have none here"
            raise UnsupportedError([("columns", f"{key!r} {where}; select them by position, or name the fields")])
        return block.names.index(key)
    if isinstance(key, int) and -count <= key < count:
        return key % count
    raise UnsupportedError([("columns", f"{key!r} is no position among {count} columns")])


def _find_slice(selection: slice, block: Block) -> list[int]:
    """Find the positions of a slice; one of names includes its end, as in pandas."""
    start, stop = selection.start, selection.stop
    if isinstance(start, str) or isinstance(stop, str):
        first = 0 if start is None else _find_position(start, block)
        last = len(block.columns) - 1 if stop is None else _find_position(stop, block)
        return list(range(first, last + 1))
    return list(range(*selection.indices(len(block.columns))))
