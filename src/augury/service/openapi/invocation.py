"""The operation that MLflow's and SageMaker's callers ask."""

from __future__ import annotations

import msgspec

from augury.service.openapi.operations import Json, Operation, refer
from augury.service.openapi.predictions import REQUEST_ID, Door

_PARAMS: Json = {
    "type": ["object", "null"],
    "properties": {"explain": {"type": "boolean", "description": "Whether to answer with reasons."}},
    "additionalProperties": False,
}
_LIST: Json = {"type": "array"}
_SPLIT: Json = {
    "type": "object",
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}},
        "data": {"type": "array", "items": _LIST},
        "index": {"description": "It is not read."},
    },
    "required": ["columns", "data"],
    "additionalProperties": False,
}


def describe_invocation(door: Door) -> Operation:
    """Describe how the model of the bare routes is asked for many records at once."""
    records: Json = {"type": "array", "items": refer("schemas", f"{door.type_name}Record")}
    columns: Json = {"type": "object", "additionalProperties": _LIST}
    forms = {
        "dataframe_records": records,
        "dataframe_split": _SPLIT,
        "instances": records,
        "inputs": {"anyOf": [records, columns]},
    }
    golden = dict(door.model.examples[0])
    split = {"columns": list(golden), "data": [list(golden.values())]}
    answer = msgspec.json.decode(door.model.write_answer(door.model.predict_json(msgspec.json.encode(golden))))
    return Operation(
        path="/invocations",
        method="post",
        name="invoke",
        tag="predictions",
        summary=f"Predict {door.model.target} as MLflow and SageMaker ask",
        about="One record that is refused makes the whole request refused, with every fault and its place in the body.",
        parameters=(REQUEST_ID,),
        body={
            "application/json": {
                "schema": {"anyOf": [_make_form(name, schema) for name, schema in forms.items()]},
                "examples": {
                    "records": {"summary": "Records", "value": {"dataframe_records": [golden]}},
                    "split": {"summary": "Names and rows", "value": {"dataframe_split": split}},
                },
            }
        },
        answer={"application/json": {"schema": _make_predictions(door), "example": {"predictions": [answer]}}},
        answer_about="A prediction for each record, in their order.",
        headers=("Augury-Notes",),
        refusals=(400, 413, 415, 422),
    )


def _make_form(name: str, schema: Json) -> Json:
    return {
        "type": "object",
        "properties": {name: schema, "params": _PARAMS},
        "required": [name],
        "additionalProperties": False,
    }


def _make_predictions(door: Door) -> Json:
    answers = {"type": "array", "items": refer("schemas", f"{door.type_name}Answer")}
    return {
        "type": "object",
        "properties": {"predictions": answers},
        "required": ["predictions"],
        "additionalProperties": False,
    }
