"""The operations of the Open Inference Protocol, whose answers and problems are shaped as it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from augury.contract.fields import Contract
from augury.service.oip.binary import HEADER, OCTETS
from augury.service.oip.datatypes import DATATYPES, find_datatype
from augury.service.oip.envelope import InferRequest
from augury.service.oip.outputs import DATATYPES as OUTPUT_DATATYPES
from augury.service.oip.outputs import find_version
from augury.service.openapi.operations import Json, Operation, refer
from augury.service.openapi.predictions import REQUEST_ID, Door

_HEADER = {
    "name": HEADER,
    "in": "header",
    "description": "How many bytes of the body are JSON, where tensors follow in binary.",
    "schema": {"type": "integer", "minimum": 0},
}
_BYTES = {OCTETS: {"schema": {"type": "string", "format": "binary"}}}
_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_LIMITS = (400, 413, 415, 422)


_ASKED = {
    "InferRequest": "Rows to answer, a tensor a column.",
    "RequestInput": "A column: the values of one field.",
    "RequestOutput": "A tensor that is asked for.",
}
# What each member holds, in whichever object it stands.
_MEMBERS = {
    "data": "The values, row by row; absent where they follow in binary.",
    "datatype": "What the values are.",
    "id": "The request's own name, which comes back with its answer.",
    "inputs": "A tensor for each field.",
    "model_name": "The model.",
    "model_version": "The first digits of its digest.",
    "name": "Its name.",
    "outputs": "The tensors of the answer: the probability, the decision, and the notes of each row.",
    "parameters": "What else is to be known; `binary_data` and its kin among it.",
    "platform": "What answers.",
    "shape": "How many rows, and 1.",
    "versions": "The version that is served.",
}
_SHAPE: Json = {"type": "array", "items": {"type": "integer"}}
_NOTED: Json = {"type": "object", "properties": {"noted_rows": {"type": "integer", "minimum": 1}}}


def make_protocol_schemas() -> Json:
    """Make the schemas of the protocol, by their names."""
    _, asked = msgspec.json.schema_components([InferRequest], ref_template="#/components/schemas/{name}")
    made = {name: schema | {"description": _ASKED.get(name, "")} for name, schema in asked.items()}
    made["InferTensor"] = _make_tensor()
    made["InferResponse"] = _make_response()
    made["InferModel"] = _make_model()
    return {name: _describe_members(schema) for name, schema in made.items()}


def _make_tensor() -> Json:
    members: Json = {"name": _TEXT, "datatype": {"enum": list(DATATYPES)}, "shape": _SHAPE, "parameters": {}}
    return {"description": "An input or an output of a model.", **_make_object(members, 3)}


def _make_response() -> Json:
    output: Json = {
        "name": _TEXT,
        "datatype": {"enum": sorted(OUTPUT_DATATYPES.values())},
        "shape": _SHAPE,
        "data": {"type": "array", "items": {"type": ["number", "boolean", "string"]}},
        "parameters": _make_object({"binary_data_size": {"type": "integer"}}, 1),
    }
    outputs = {"type": "array", "items": _make_object(output, 3)}
    members: Json = {"model_name": _TEXT, "model_version": _TEXT, "outputs": outputs, "id": _TEXT, "parameters": _NOTED}
    return {"description": "The answers to all rows, a tensor a column.", **_make_object(members, 3)}


def _make_model() -> Json:
    tensors = {"type": "array", "items": refer("schemas", "InferTensor")}
    versions = {"type": "array", "items": _TEXT}
    members: Json = {"name": _TEXT, "versions": versions, "platform": _TEXT, "inputs": tensors, "outputs": tensors}
    return {"description": "What a model takes and answers.", **_make_object(members, 5)}


def _describe_members(schema: Json) -> Json:
    members = schema["properties"].items()
    said = {
        name: {key: value for key, value in content.items() if key != "default"}
        | {"description": _MEMBERS.get(name, "")}
        for name, content in members
    }
    return schema | {"properties": said}


def describe_protocol(doors: tuple[Door, ...]) -> Iterator[Operation]:
    """Describe the protocol's routes; ``doors`` are the models by name."""
    server: Json = {"name": _TEXT, "version": _TEXT, "extensions": {"type": "array", "items": _TEXT}}
    yield _get("/v2", "getServer", "Get what the service is", _make_object(server, 3))
    yield _get("/v2/health/live", "getServerLive", "Tell whether the process lives", _make_object({"live": _FLAG}, 1))
    yield _get("/v2/health/ready", "getServerReady", "Tell whether to send requests", _make_object({"ready": _FLAG}, 1))
    for door in doors:
        version = find_version(door.model)
        yield from _describe_model(door, "", "")
        yield from _describe_model(door, f"/versions/{version}", "Version")
    yield _describe_index()
    for door in doors:
        for verb in ("load", "unload"):
            yield Operation(
                path=f"/v2/repository/models/{door.model.name}/{verb}",
                method="post",
                name=f"{verb}{door.suffix}",
                tag="protocol",
                summary=f"Refuse to {verb} a model: models come by files",
                answer=None,
                answer_about="",
                refusals=(403,),
            )


def _describe_model(door: Door, version: str, named: str) -> Iterator[Operation]:
    path, suffix, name = f"/v2/models/{door.model.name}{version}", f"{named}{door.suffix}", door.model.name
    model, ready = refer("schemas", "InferModel"), _make_object({"name": _TEXT, "ready": _FLAG}, 2)
    yield _get(path, f"getTensors{suffix}", f"Get what {name} takes and answers", model, (404,))
    yield _get(f"{path}/ready", f"getReady{suffix}", f"Tell whether {name} answers", ready, (404,))
    asked = {"schema": refer("schemas", "InferRequest"), "example": {"inputs": _make_inputs(door)}}
    yield Operation(
        path=f"{path}/infer",
        method="post",
        name=f"infer{suffix}",
        tag="protocol",
        summary=f"Predict {door.model.target} for each row of tensors",
        about="A row that the contract refuses makes the whole request refused, with every fault and its place.",
        parameters=(_HEADER, REQUEST_ID),
        body={"application/json": asked, **_BYTES},
        answer={"application/json": {"schema": refer("schemas", "InferResponse")}, **_BYTES},
        answer_about="The answers to all rows.",
        headers=(HEADER,),
        refusals=(*_LIMITS, 404),
    )


def _describe_index() -> Operation:
    entry = _make_object({"name": _TEXT, "version": _TEXT, "state": _TEXT, "reason": _TEXT}, 4)
    asked = _make_object(
        {"ready": {"type": "boolean", "description": "Whether to list those alone that are ready."}}, 0
    )
    return Operation(
        path="/v2/repository/index",
        method="post",
        name="listRepository",
        tag="protocol",
        summary="List the models that are served",
        body={"application/json": {"schema": asked, "example": {}}},
        needs_body=False,
        answer={"application/json": {"schema": {"type": "array", "items": entry}}},
        answer_about="Every model, with its state.",
        refusals=_LIMITS,
    )


def _get(path: str, name: str, summary: str, schema: Json, refusals: tuple[int, ...] = ()) -> Operation:
    return Operation(
        path=path,
        method="get",
        name=name,
        tag="protocol",
        summary=summary,
        answer={"application/json": {"schema": schema}},
        answer_about="",
        refusals=refusals,
    )


def _make_object(properties: Mapping[str, Json], required: int) -> Json:
    """Make the schema of an object of which the first members, so many of them, are always there."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties)[:required],
        "additionalProperties": False,
    }


def _make_inputs(door: Door) -> list[Json]:
    """Make the tensors of one golden row."""
    contract: Contract = door.model.contract
    record = door.model.examples[0]
    return [
        {"name": field.name, "shape": [1, 1], "datatype": find_datatype(field), "data": [record[field.name]]}
        for field in contract.fields
        if field.name in record
    ]
