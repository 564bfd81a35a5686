"""What the service says of itself and of its models, in the words of the protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

import augury
from augury.contract.fields import Field, IdentifierField
from augury.prediction import Scorer
from augury.service.models import Models
from augury.service.oip.datatypes import find_datatype
from augury.service.oip.envelope import read_strictly
from augury.service.oip.outputs import DATATYPES, find_version, name_outputs
from augury.service.reply import Reply

_EXTENSIONS = ("binary_tensor_data", "model_repository")
# A batch of single values, as Triton and MLServer describe a column.
_COLUMN = (-1, 1)


class _Server(Struct, frozen=True):
    name: str
    version: str
    extensions: Sequence[str]


class _Tensor(Struct, frozen=True):
    name: str
    datatype: str
    shape: Sequence[int]
    parameters: Mapping[str, bool] | UnsetType = UNSET


class _Metadata(Struct, frozen=True):
    name: str
    versions: Sequence[str]
    platform: str
    inputs: Sequence[_Tensor]
    outputs: Sequence[_Tensor]


class _Entry(Struct, frozen=True):
    name: str
    version: str
    state: str
    reason: str


class _IndexRequest(Struct, frozen=True, forbid_unknown_fields=True):
    ready: bool = False


def describe_server() -> Reply:
    """Describe the service."""
    return Reply(msgspec.json.encode(_Server("augury", augury.__version__, _EXTENSIONS)))


def describe_tensors(model: Scorer) -> Reply:
    """Describe a model: an input for each field, and the outputs."""
    outputs = [_Tensor(name, DATATYPES[part], _COLUMN) for name, part in name_outputs(model).items()]
    inputs = [_describe_input(field) for field in model.contract.fields]
    return Reply(msgspec.json.encode(_Metadata(model.name, [find_version(model)], "augury", inputs, outputs)))


def describe_index(models: Models, body: bytes, *, is_stopping: bool) -> Reply:
    """Describe the models that are served; a body of ``{"ready": true}`` asks for those alone that are ready.

    Raises:
        RecordError: the body is something else.
    """
    asked = read_strictly(body, _IndexRequest) if body else _IndexRequest()
    if asked.ready and is_stopping:
        return Reply(b"[]")
    state, reason = ("UNAVAILABLE", "the service is stopping") if is_stopping else ("READY", "")
    entries = [_Entry(model.name, find_version(model), state, reason) for model in models.by_name.values()]
    return Reply(msgspec.json.encode(entries))


def _describe_input(field: Field) -> _Tensor:
    is_optional = isinstance(field, IdentifierField) or field.absent == "optional"
    parameters = {"optional": True} if is_optional else UNSET
    return _Tensor(field.name, find_datatype(field), _COLUMN, parameters)
