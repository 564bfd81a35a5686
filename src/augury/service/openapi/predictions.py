"""The operations that ask a model, and the types of what each model takes and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from augury.contract.faults import DOUBTFUL
from augury.contract.jsonschema import make_schema
from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.models import find_label
from augury.service.openapi.operations import Json, Operation, refer
from augury.service.records.answers import RefusedRow
from augury.service.records.body import NDJSON
from augury.service.settings import Settings

_EXPLAIN = {
    "name": "explain",
    "in": "query",
    "description": "Whether to tell what each field adds to the log-odds.",
    "schema": {"type": "boolean", "default": False},
}
REQUEST_ID = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "An id of your own, of 1 to 64 letters, digits, `.`, `_` and `-`; any other counts as none.",
    "schema": {"type": "string"},
    "example": "order-1723",
}
_REFUSALS = (400, 413, 415, 422)
# What begins markup within a line of CommonMark; an underscore between letters does not.
_MARKS = re.compile(r"[\\`*<&\[\]!]")


class Door(Struct, frozen=True):
    """Where a model is asked: what its paths begin with and its operations' names end with, and its types' name."""

    model: Scorer
    type_name: str
    prefix: str = ""
    suffix: str = ""

    @property
    def may_vanish(self) -> bool:
        """Whether the model may be gone when it is asked by name."""
        return bool(self.prefix)


def make_model_schemas(door: Door) -> Json:
    """Make the schemas of what a model takes and answers, by their names."""
    model, name = door.model, door.type_name
    record = make_schema(model.contract, model.name, model.digest, model.examples[0])
    # The document has a dialect and addresses of its own: an `$id` within it would move what `$ref` means.
    about = f"What {find_label(model)} is asked with."
    return {
        f"{name}Record": {
            "description": about,
            **{key: record[key] for key in record if key[0] != "$"},
            "properties": {key: _escape_about(content) for key, content in record["properties"].items()},
        },
        f"{name}Answer": _make_answer(model, f"What {find_label(model)} answers.", ()),
        f"{name}Explanation": _make_answer(
            model, f"What {find_label(model)} answers, with the reasons.", ("contributions", "base")
        ),
    }


def describe_predictions(door: Door, settings: Settings) -> Iterator[Operation]:
    """Describe how a model is asked."""
    label = find_label(door.model)
    about = (
        f"Send one record and get one answer, or an array of at most {settings.max_rows:,} and get an array of as many "
        f"answers, in the same order. A record that the contract of {label} refuses is answered with every fault that "
        'it has. In an array it stands as `{"faults": […]}` in its place and the status is 200; the header '
        "`Augury-Refused` counts them.\n\nAs `application/x-ndjson`, a record a line, there may be any number of them; "
        "each line is answered as it arrives, with a line that says what an array's element would."
    )
    yield Operation(
        path=f"{door.prefix}/predict",
        method="post",
        name=f"predict{door.suffix}",
        tag="predictions",
        summary=f"Predict {door.model.target}",
        about=about,
        parameters=(_EXPLAIN, REQUEST_ID),
        body=_make_body(door),
        answer=_make_answers(door, explain=False),
        answer_about="The answer, or an array of answers.",
        headers=("Augury-Notes", "Augury-Refused"),
        refusals=_find_refusals(door),
    )
    yield Operation(
        path=f"{door.prefix}/explain",
        method="post",
        name=f"explain{door.suffix}",
        tag="predictions",
        summary=f"Predict {door.model.target}, with reasons",
        about=about,
        parameters=(REQUEST_ID,),
        body=_make_body(door),
        answer=_make_answers(door, explain=True),
        answer_about="The answer with its reasons, or an array of them.",
        headers=("Augury-Notes", "Augury-Refused"),
        refusals=_find_refusals(door),
    )


def _escape_about(content: Json) -> Json:
    """Escape what a contract says of a field: a description is CommonMark, in which a spelling could be markup."""
    said = content.get("description")
    return content if said is None else content | {"description": _MARKS.sub(r"\\\g<0>", said)}


def _make_answer(model: Scorer, about: str, required: tuple[str, ...]) -> Json:
    """Make the schema of an answer; ``required`` are the members that are always there beside the first two."""
    target = model.target
    probability = f"{target}_probability"
    reasons = {field.name: {"type": "number"} for field in model.contract.features}
    return {
        "description": about,
        "type": "object",
        "properties": {
            target: {
                "type": "boolean",
                "description": f"Whether the probability is at least {model.threshold!r}.",
            },
            probability: {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": f"The probability that {target} is true.",
            },
            "notes": {
                "type": "array",
                "items": refer("schemas", "Fault"),
                "minItems": 1,
                "description": f"Why the number may be doubtful: {', '.join(sorted(DOUBTFUL))}.",
            },
            "contributions": {
                "type": "object",
                "properties": reasons,
                "required": list(reasons),
                "additionalProperties": False,
                "description": "What each field adds to the log-odds, against the baseline.",
            },
            "base": {"type": "number", "description": "The baseline's own log-odds."},
        },
        "required": [target, probability, *required],
        "additionalProperties": False,
    }


def _make_body(door: Door) -> Json:
    record = refer("schemas", f"{door.type_name}Record")
    rows = {"type": "array", "items": record}
    golden = [dict(example) for example in door.model.examples[:2]]
    return {
        "application/json": {
            "schema": {"anyOf": [record, rows]},
            "examples": {
                "record": {"summary": "One record", "value": golden[0]},
                "records": {"summary": "Many records", "value": golden},
            },
        },
        NDJSON: _make_lines("A record a line.", golden),
    }


def _make_answers(door: Door, *, explain: bool) -> Json:
    answer = refer("schemas", f"{door.type_name}{'Explanation' if explain else 'Answer'}")
    rows = {"type": "array", "items": {"anyOf": [answer, refer("schemas", "RefusedRow")]}}
    records = [msgspec.json.encode(example) for example in door.model.examples[:2]]
    answers = [_answer(door.model, record, explain=explain) for record in records]
    refused = _refuse(door.model)
    return {
        "application/json": {
            "schema": {"anyOf": [answer, rows]},
            "examples": {
                "record": {"summary": "To one record", "value": answers[0]},
                "records": {
                    "summary": "To many records, of which the last is refused",
                    "value": [*answers, refused],
                },
            },
        },
        NDJSON: _make_lines("The answer to each line, or its faults.", [*answers, refused]),
    }


def _make_lines(about: str, lines: Iterable[Any]) -> Json:
    """Make what is said of a record a line, for which OpenAPI 3.1 has no word but text."""
    text = "".join(f"{msgspec.json.encode(line).decode()}\n" for line in lines)
    return {"schema": {"type": "string", "description": about}, "example": text}


def _answer(model: Scorer, record: bytes, *, explain: bool) -> Any:
    """Answer a golden record as the service does, so that the example is what really comes back."""
    return msgspec.json.decode(model.write_answer(model.predict_json(record, explain=explain)))


def _refuse(model: Scorer) -> Any:
    """Refuse a record as the service does: one that is a number."""
    try:
        model.predict_json(b"0")
    except RecordError as error:
        return msgspec.to_builtins(RefusedRow(error.faults, error.more))
    raise AssertionError("a number was taken for a record")


def _find_refusals(door: Door) -> tuple[int, ...]:
    return (*_REFUSALS, 404) if door.may_vanish else _REFUSALS
