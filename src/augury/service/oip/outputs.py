"""The tensors of an answer: the probability, the decision and the notes of each row, in JSON or in binary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from augury.contract.faults import Fault, shorten
from augury.prediction import Scorer
from augury.service.models import find_label
from augury.service.oip.binary import HEADER, OCTETS, write_doubles, write_texts
from augury.service.oip.envelope import InferRequest, Parameters
from augury.service.oip.inference import Answer
from augury.service.oip.refusing import refuse_faults
from augury.service.reply import Reply

Part = Literal["probability", "label", "notes"]

# What each part of an answer is as a tensor.
DATATYPES: Mapping[Part, str] = {"probability": "FP64", "label": "BOOL", "notes": "BYTES"}

_BINARY = "binary_data"
# What another server would do with an output, and this one would leave undone without a word.
_NOT_DONE = ("classification", "shared_memory_region")


class Asked(Struct, frozen=True):
    """A tensor that an answer is to hold."""

    name: str
    part: Part
    is_binary: bool


class _Output(Struct, frozen=True, omit_defaults=True):
    name: str
    datatype: str
    shape: tuple[int, int]
    parameters: Mapping[str, int] | UnsetType = UNSET
    data: Sequence[Any] | UnsetType = UNSET


class _Response(Struct, frozen=True, omit_defaults=True):
    model_name: str
    model_version: str
    outputs: Sequence[_Output]
    id: str | UnsetType = UNSET
    parameters: Mapping[str, int] | UnsetType = UNSET


def find_version(model: Scorer) -> str:
    """Find a model's version: the first digits of its digest, as in ``Augury-Model``."""
    return find_label(model).rpartition("@")[2]


def name_outputs(model: Scorer) -> Mapping[str, Part]:
    """Name the tensors of an answer."""
    return {f"{model.target}_probability": "probability", model.target: "label", f"{model.target}_notes": "notes"}


def read_asked(model: Scorer, request: InferRequest) -> Sequence[Asked]:
    """Read which tensors are asked for, all where none is named, and in which form.

    Raises:
        RecordError: one is none of the model's, stands twice, or is wanted in a form that there is not.
    """
    names, faults = name_outputs(model), list(_judge_model(model, request))
    all_binary = _read_flag(request.parameters or {}, "binary_data_output", "/parameters", faults)
    asked: dict[str, Asked] = {}
    for at, wanted in enumerate(request.outputs or ()):
        pointer, parameters = f"/outputs/{at}", wanted.parameters or {}
        if wanted.name not in names:
            detail = f"{shorten(wanted.name)} is no output of this model; those are {', '.join(names)}"
            faults.append(Fault("unknown_key", f"{pointer}/name", detail))
            continue
        if wanted.name in asked:
            faults.append(Fault("duplicate_key", f"{pointer}/name", f"{wanted.name} is asked for twice"))
        for undone in _NOT_DONE:
            if undone in parameters:
                detail = f"{undone} is not done here; ask for the output without it"
                faults.append(Fault("unknown_key", f"{pointer}/parameters/{undone}", detail))
        is_binary = _read_flag(parameters, _BINARY, f"{pointer}/parameters", faults, default=all_binary)
        asked[wanted.name] = Asked(wanted.name, names[wanted.name], is_binary)
    refuse_faults(faults)
    return list(asked.values()) or [Asked(name, part, all_binary) for name, part in names.items()]


def reply_answers(model: Scorer, request: InferRequest, asked: Sequence[Asked], answers: Sequence[Answer]) -> Reply:
    """Reply with the answers to all rows."""
    written = [_write(each, answers) for each in asked]
    noted = sum(1 for answer in answers if answer.notes)
    response = _Response(
        model.name,
        find_version(model),
        [output for output, _ in written],
        UNSET if request.id is None else request.id,
        {"noted_rows": noted} if noted else UNSET,
    )
    content = msgspec.json.encode(response)
    if not any(each.is_binary for each in asked):
        return Reply(content)
    body = content + b"".join(piece for _, piece in written)
    return Reply(body, media_type=OCTETS, headers={HEADER: str(len(content))})


def _judge_model(model: Scorer, request: InferRequest) -> Iterator[Fault]:
    """Find where the body names another model than the path."""
    if request.model_name and request.model_name != model.name:
        yield Fault("type", "/model_name", f"the path asks {model.name}, and the body another model; ask one of them")
    if request.model_version and request.model_version != find_version(model):
        detail = f"the path asks version {find_version(model)}, and the body another; ask one of them"
        yield Fault("type", "/model_version", detail)


def _read_flag(parameters: Parameters, name: str, pointer: str, faults: list[Fault], *, default: bool = False) -> bool:
    flag = parameters.get(name)
    if isinstance(flag, bool):
        return flag
    if flag is not None:
        faults.append(Fault("type", f"{pointer}/{name}", f"{name} is true or false"))
    return default


def _write(asked: Asked, answers: Sequence[Answer]) -> tuple[_Output, bytes]:
    """Write one tensor, and the bytes that follow the JSON for it."""
    shape, datatype = (len(answers), 1), DATATYPES[asked.part]
    data = _find_data(asked.part, answers)
    if not asked.is_binary:
        return _Output(asked.name, datatype, shape, data=data), b""
    content = _write_binary(asked.part, data)
    return _Output(asked.name, datatype, shape, {"binary_data_size": len(content)}), content


def _find_data(part: Part, answers: Sequence[Answer]) -> Sequence[Any]:
    match part:
        case "probability":
            return [answer.probability for answer in answers]
        case "label":
            return [answer.label for answer in answers]
        case "notes":
            return [msgspec.json.encode(answer.notes).decode() if answer.notes else "" for answer in answers]


def _write_binary(part: Part, data: Sequence[Any]) -> bytes:
    match part:
        case "probability":
            return write_doubles(data)
        case "label":
            return bytes(data)
        case "notes":
            return write_texts(data)
