"""The inputs of a request as columns of cells, one a field, each held to its datatype and its shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import UNSET, Struct

from augury.contract.faults import Code, Fault
from augury.contract.fields import Contract
from augury.contract.parse import describe, has_infinity
from augury.service.oip.binary import read_cells
from augury.service.oip.datatypes import DATATYPES, find_strange, make_elements
from augury.service.oip.envelope import RequestInput
from augury.service.oip.fields import Assigned, assign_inputs
from augury.service.oip.refusing import refuse_faults
from augury.service.problems import Refusal

_SIZE = "binary_data_size"


class Column(Struct, frozen=True):
    """The cells of one field.

    Args:
        at: which input of the request it is.
        key: the field as the caller spells it.
        cells: one a row, as they would stand in a record of JSON.
        is_nested: whether each stood in an array of its own.
    """

    at: int
    key: str
    cells: Sequence[object]
    is_nested: bool = False

    def find_pointer(self, row: int) -> str:
        """Find the pointer to the cell of a row, by its number also where the data came in binary."""
        return f"/inputs/{self.at}/data/{row}{'/0' if self.is_nested else ''}"


def read_columns(
    contract: Contract, inputs: Sequence[RequestInput], binary: memoryview, max_rows: int
) -> tuple[Column, ...]:
    """Read the inputs of a request as columns of one length.

    Raises:
        RecordError: with the faults of all inputs.
        Refusal: there are more rows than ``max_rows``.
    """
    faults: list[Fault] = []
    assigned = assign_inputs(contract, inputs, faults)
    faults.extend(_judge_shapes(inputs))
    pieces = _cut(inputs, binary, faults)
    refuse_faults(faults)
    if any(sent.shape[0] > max_rows for sent in inputs):
        raise Refusal("too-large", f"the tensors have more than {max_rows:,} rows; send them in parts")
    columns = [_read_column(each, pieces[each.at], faults) for each in assigned]
    refuse_faults(faults)
    return tuple(columns)


def _judge_shapes(inputs: Sequence[RequestInput]) -> Iterator[Fault]:
    rows = None
    for at, sent in enumerate(inputs):
        pointer = f"/inputs/{at}/shape"
        if sent.shape[1:] not in {(), (1,)} or not sent.shape or sent.shape[0] < 0:
            detail = "the shape of an input is [n] or [n, 1], where n is the number of rows"
            yield Fault("type", pointer, detail)
            continue
        rows = sent.shape[0] if rows is None else rows
        if sent.shape[0] != rows:
            yield Fault("type", pointer, f"this input has {sent.shape[0]} rows, and the first has {rows}")


def _cut(inputs: Sequence[RequestInput], binary: memoryview, faults: list[Fault]) -> list[memoryview | None]:
    """Cut the bytes behind the JSON into those of each input; None is of one that has none."""
    pieces: list[memoryview | None] = []
    start = 0
    for at, sent in enumerate(inputs):
        size = (sent.parameters or {}).get(_SIZE)
        if size is None:
            pieces.append(None)
            if sent.data is UNSET:
                faults.append(Fault("absent", f"/inputs/{at}/data", f"this input has neither data nor {_SIZE}"))
        elif type(size) is not int or size < 0:
            faults.append(Fault("type", f"/inputs/{at}/parameters/{_SIZE}", f"{_SIZE} is a number of bytes"))
        else:
            pieces.append(binary[start : start + size])
            start += size
            if sent.data is not UNSET:
                faults.append(Fault("ambiguous_key", f"/inputs/{at}/data", f"this input has data and {_SIZE}"))
    if not faults and start != len(binary):
        detail = f"{len(binary)} bytes follow the JSON, and the inputs say that {start} do"
        faults.append(Fault("malformed", "", detail))
    return pieces


def _read_column(assigned: Assigned, piece: memoryview | None, faults: list[Fault]) -> Column:
    """Read one column; where it has faults its cells are not to be used."""
    at, sent, datatype = assigned.at, assigned.sent, assigned.datatype
    count = sent.shape[0]
    if piece is None:
        data = [] if sent.data is UNSET else sent.data
        is_nested = len(sent.shape) > 1 and bool(data) and all(type(cell) is list and len(cell) == 1 for cell in data)
        cells = [cell[0] for cell in data] if is_nested else data
        if len(cells) != count:
            detail = f"the shape says {count} values, and there are {len(cells)}"
            faults.append(Fault("type", f"/inputs/{at}/data", detail))
            return Column(at, sent.name, ())
    else:
        is_nested = False
        try:
            cells = read_cells(datatype, piece, count)
        except ValueError as error:
            detail = f"the {len(piece)} bytes are not {count} elements of {sent.datatype}: {error}"
            faults.append(Fault("malformed", f"/inputs/{at}/data", detail))
            return Column(at, sent.name, ())
    column = Column(at, sent.name, cells, is_nested)
    strange = list(find_strange(datatype, cells))
    faults.extend(_explain(column, row, sent.datatype) for row in strange)
    return column if strange else Column(at, sent.name, make_elements(datatype, cells), is_nested)


def _explain(column: Column, row: int, datatype: str) -> Fault:
    """Explain why a cell is no element of its datatype."""
    cell, pointer = column.cells[row], column.find_pointer(row)
    if isinstance(cell, bytes):
        return Fault("encoding", pointer, "this text is not UTF-8")
    code: Code = "type"
    if isinstance(cell, float) and DATATYPES[datatype].sort == "integer":
        code = "not_finite" if has_infinity(cell) else "not_integer"
    return Fault(code, pointer, f"this is {describe(cell)} and no element of {datatype}")
