"""What all models' answers share: faults, problems, headers; their schemas are made from the types that are encoded."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from augury.contract.faults import MAX_LISTED, MEANINGS
from augury.service.answers import RefusedRow
from augury.service.descriptions import ServedModel
from augury.service.openapi.operations import Json, find_problem_name, refer, refer_headers
from augury.service.problems import KINDS, STATUS_BY_CODE, Kind, Problem, name_type

# The types of what is answered. No name of theirs ends as those made for a model do: Record, Answer, Explanation.
_TYPES = (Problem, RefusedRow, ServedModel)

_ABOUT = {
    "Fault": "One thing that is wrong in a refused record; as a note, one thing to know about an accepted one.",
    "Problem": "Why a request is refused (RFC 9457).",
    "RefusedRow": "What stands in the place of a refused record's answer where many are asked at once.",
    "ServedModel": "A model that is served.",
}

# What each member holds. A code's own meaning is said below, from the one list of codes.
_MEMBERS = {
    "Fault": {
        "code": "What kind of fault it is; the list is closed.",
        "pointer": "The place in what was sent, in the caller's spelling, as an RFC 6901 pointer; empty for the whole.",
        "detail": "One sentence: what is wrong, and how to mend it.",
        "field": "The contract's name of the field, where one is meant.",
        "nearest": "The key or the level that was probably meant.",
        "allowed": "The levels of the field.",
    },
    "Problem": {
        "type": "What kind of problem it is; the list is closed.",
        "title": "The kind in words.",
        "status": "The HTTP status.",
        "detail": "One sentence: what is wrong, and how to mend it.",
        "instance": "The request, by its id.",
        "faults": f"Everything that is wrong with the record; at most {MAX_LISTED} are listed.",
        "more": "How many faults there are beyond those listed.",
    },
    "RefusedRow": {
        "faults": f"Everything that is wrong with the record; at most {MAX_LISTED} are listed.",
        "more": "How many faults there are beyond those listed.",
    },
    "ServedModel": {
        "name": "Its name, as it stands in paths.",
        "target": "The key of its answer.",
        "digest": "Its artifact's digest.",
        "label": "Its name and the first digits of the digest, as the header `Augury-Model` has it.",
        "golden_rows": "How many golden rows it scored bit for bit before it was served.",
        "default": "Whether the routes without a name are its own.",
    },
}


def make_schemas() -> Json:
    """Make the schemas that all models share, by their names."""
    _, found = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    schemas = {name: _describe(name, schema) for name, schema in found.items()}
    schemas["Fault"]["properties"]["code"]["description"] += "".join(
        f"\n* `{code}`: {meaning}" for code, meaning in MEANINGS.items()
    )
    schemas["Problem"]["properties"]["type"]["enum"] = [name_type(kind) for kind in KINDS]
    listed = {
        "type": "array",
        "items": refer("schemas", "ServedModel"),
        "minItems": 1,
        "description": "Every model that is served.",
    }
    schemas["ServedModels"] = {
        "title": "ServedModels",
        "description": "What is served.",
        "type": "object",
        "properties": {"models": listed},
        "required": ["models"],
    }
    return schemas


def make_responses() -> Json:
    """Make the response of each status that a problem may have, by its name."""
    statuses = sorted({status for status, _ in KINDS.values()} | set(STATUS_BY_CODE.values()))
    return {find_problem_name(status): _make_response(status) for status in statuses}


def make_headers() -> Json:
    """Make what is said of each header, by its name."""
    return {
        "Augury-Model": {
            "description": "The model that answers: its name and the first twelve digits of its digest.",
            "required": True,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[0-9a-f]{12}$"},
        },
        "X-Request-Id": {
            "description": "The request's own id where it sent a well-formed one, else a new one; the log has it too.",
            "required": True,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        },
        "Augury-Notes": {
            "description": 'What was noted without putting the number in doubt, with its place: `unknown_key;at="/x"`.',
            "schema": {"type": "string"},
        },
        "Augury-Refused": {
            "description": "How many records of an array are refused.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "Retry-After": {
            "description": "After how many seconds it is worth asking again.",
            "schema": {"type": "integer", "minimum": 0},
        },
    }


def _describe(name: str, schema: Json) -> Json:
    """Say what a type and its members mean to a caller; its docstring says what they mean to us."""
    if "properties" not in schema:
        return schema
    members = _MEMBERS.get(name, {})
    properties = {
        member: _leave_out_default(content) | {"description": members.get(member, "")}
        for member, content in schema["properties"].items()
    }
    about = _ABOUT.get(name, "")
    return schema | {"description": about, "properties": properties, "additionalProperties": False}


def _leave_out_default(content: Json) -> Json:
    """Say of a member what it may be where it stands: with its default, a null among them, it does not."""
    said = {key: value for key, value in content.items() if key != "default"}
    if "anyOf" in said:
        said["anyOf"] = [choice for choice in said["anyOf"] if choice != {"type": "null"}]
    return said


def _make_response(status: int) -> Json:
    kinds = list(_find_kinds(status))
    listed = "\n".join(f"* `{name_type(kind)}`: {KINDS[kind][1].lower()}" for kind in kinds)
    return {
        "description": listed,
        "headers": refer_headers(*(("Retry-After",) if status == 503 else ())),
        "content": {"application/problem+json": {"schema": refer("schemas", "Problem")}},
    }


def _find_kinds(status: int) -> Iterator[Kind]:
    for kind, (usual, _) in KINDS.items():
        if usual == status or (kind == "record-refused" and status in STATUS_BY_CODE.values()):
            yield kind
