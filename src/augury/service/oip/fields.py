"""Which field of the contract each input of a request is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from augury.contract.check import RecordChecker, Suggestions
from augury.contract.faults import Fault, shorten
from augury.contract.fields import Contract, Field
from augury.service.oip.datatypes import DATATYPES, Datatype, find_datatype, is_taken
from augury.service.oip.envelope import RequestInput

# What MLServer's clients say of inputs whose elements are as they stand.
_CONTENT_TYPES = ("np", "pd", "str")


class Assigned(Struct, frozen=True):
    """An input that is a field, where it stands in the request, and how its elements are written."""

    at: int
    sent: RequestInput
    datatype: Datatype


def assign_inputs(contract: Contract, inputs: Sequence[RequestInput], faults: list[Fault]) -> tuple[Assigned, ...]:
    """Give each input its field, and tell the faults of those that have none and of the fields that have no input."""
    fields = _find_fields(contract, [each.name for each in inputs])
    faults.extend(_find_strangers(inputs, fields))
    faults.extend(_find_absent(contract, inputs, fields))
    for at, (sent, field) in enumerate(zip(inputs, fields, strict=True)):
        if field is not None:
            faults.extend(_judge_datatype(f"/inputs/{at}", sent, field))
        faults.extend(_judge_parameters(f"/inputs/{at}/parameters", sent))
    return tuple(
        Assigned(at, sent, DATATYPES[sent.datatype])
        for at, sent in enumerate(inputs)
        if sent.datatype in DATATYPES and fields[at] is not None
    )


def _find_fields(contract: Contract, names: Sequence[str]) -> list[Field | None]:
    listed: dict[str, Field] = {
        spelling: field for field in contract.fields for spelling in (field.name, *field.spellings)
    }
    if all(name in listed for name in names):
        return [listed[name] for name in names]
    return list(map(RecordChecker(contract).find_field, names))  # which knows every spelling, and is slow to make


def _find_strangers(inputs: Sequence[RequestInput], fields: Sequence[Field | None]) -> Iterator[Fault]:
    """Find the inputs that are no field, or one that another input is already."""
    owners: dict[str, str] = {}
    for at, (sent, field) in enumerate(zip(inputs, fields, strict=True)):
        pointer, shown = f"/inputs/{at}/name", shorten(sent.name)
        if field is None:
            # Not a note as in a record: the protocol's metadata say which inputs there are.
            yield Fault("unknown_key", pointer, f"{shown} is no input of this model; its metadata list them")
        elif owners.get(field.name) == sent.name:
            yield Fault("duplicate_key", pointer, f"{shown} stands twice among the inputs; send it once", field.name)
        elif field.name in owners:
            twin = shorten(owners[field.name])
            detail = f"{shown} and {twin} are both spellings of {field.name}; send one of them"
            yield Fault("ambiguous_key", pointer, detail, field.name)
        else:
            owners[field.name] = sent.name


def _find_absent(contract: Contract, inputs: Sequence[RequestInput], fields: Sequence[Field | None]) -> Iterator[Fault]:
    suggestions = Suggestions()
    unknown = [sent.name for sent, field in zip(inputs, fields, strict=True) if field is None]
    present = {field.name for field in fields if field is not None}
    for field in contract.features:
        if field.absent == "refuse" and field.name not in present:
            nearest = suggestions.find(field.name, unknown)
            hint = "; send it" if nearest is None else f"; {shorten(nearest)} is no input: was it meant?"
            yield Fault("absent", "/inputs", f"the input {field.name} is missing{hint}", field.name, nearest=nearest)
    if not inputs:
        yield Fault("absent", "/inputs", "there is no input, so nobody can say how many rows there are; send one")


def _judge_datatype(pointer: str, sent: RequestInput, field: Field) -> Iterator[Fault]:
    datatype = DATATYPES.get(sent.datatype)
    if datatype is None:
        known = ", ".join(DATATYPES)
        detail = f"{shorten(sent.datatype)} is no datatype that is read here; those are {known}"
        yield Fault("type", f"{pointer}/datatype", detail, field.name)
    elif not is_taken(field, datatype):
        detail = f"{field.name} takes {find_datatype(field)}, not {sent.datatype}"
        yield Fault("type", f"{pointer}/datatype", detail, field.name)


def _judge_parameters(pointer: str, sent: RequestInput) -> Iterator[Fault]:
    """Find the parameters under which the data would mean something else than it says."""
    parameters = sent.parameters or {}
    content_type = parameters.get("content_type")
    if content_type is not None and content_type not in _CONTENT_TYPES:
        detail = f"elements are read as they stand, which is the content type {', '.join(_CONTENT_TYPES)}"
        yield Fault("type", f"{pointer}/content_type", detail)
    if "shared_memory_region" in parameters:
        detail = "there is no shared memory here; send the data in the body"
        yield Fault("unknown_key", f"{pointer}/shared_memory_region", detail)
