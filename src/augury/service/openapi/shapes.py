"""What all models' answers share: faults, problems, headers; their schemas are made from the types that are encoded."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from augury.contract.faults import MAX_LISTED, MEANINGS
from augury.service.descriptions import ServedModels
from augury.service.oip.binary import HEADER
from augury.service.openapi.operations import Json, find_problem_name, refer, refer_headers
from augury.service.problems import KINDS, STATUS_BY_CODE, Kind, Problem, name_type
from augury.service.records.answers import RefusedRow
from augury.service.reply import JSON

# The types of what is answered. No name of theirs ends as those made for a model do: Record, Answer, Explanation.
_TYPES = (Problem, RefusedRow, ServedModels)

_ABOUT = {
    "Fault": "One thing that is wrong in a refused record; as a note, one thing to know about an accepted one.",
    "Problem": "Why a request is refused (RFC 9457).",
    "RefusedRow": "What stands in the place of a refused record's answer where many are asked at once.",
    "ServedModel": "A model that is served.",
    "ServedModels": "What is served.",
    "Reload": "Why a model's file was changed and is not taken.",
    "RefusedFile": "A file that is not taken as it is now.",
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
        "reload": "There only where its file was changed and is refused; the model goes on.",
    },
    "ServedModels": {
        "models": "Every model that is served.",
        "refused": "The files that are not taken as they are now, where there are any.",
    },
    "Reload": {
        "refused": "One sentence: what is wrong with the file, and how to mend it.",
        "since": "Since when, in UTC.",
    },
    "RefusedFile": {
        "file": "Its name, without folders.",
        "reason": "One sentence: what is wrong with it, and how to mend it.",
        "since": "Since when, in UTC.",
        "model": "The model that was read from it before and goes on, where there is one.",
    },
}


# What stands on the problems of a status, beside the headers of every answer.
_HEADERS_OF = {
    401: ("WWW-Authenticate",),
    415: ("Accept", "Accept-Encoding"),
    503: ("Retry-After",),
}


def make_schemas() -> Json:
    """Make the schemas that all models share, by their names."""
    _, found = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    schemas = {name: _describe(name, schema) for name, schema in found.items()}
    schemas["Fault"]["properties"]["code"]["description"] += "".join(
        f"\n* `{code}`: {meaning}" for code, meaning in MEANINGS.items()
    )
    schemas["Problem"]["properties"]["type"]["enum"] = [name_type(kind) for kind in KINDS]
    problem = schemas["Problem"]
    schemas["ProtocolProblem"] = problem | {
        "title": "ProtocolProblem",
        "description": "A problem as the Open Inference Protocol has it: its sentence is `error` as well.",
        "properties": problem["properties"] | {"error": problem["properties"]["detail"]},
        "required": [*problem["required"], "error"],
    }
    return schemas


def make_responses() -> Json:
    """Make the response of each status that a problem may have, by its name."""
    statuses = sorted({status for status, _ in KINDS.values()} | set(STATUS_BY_CODE.values()))
    return {
        find_problem_name(status, is_protocol=is_protocol): _make_response(status, is_protocol=is_protocol)
        for is_protocol in (False, True)
        for status in statuses
    }


def make_headers(*, tells_model: bool) -> Json:
    """Make what is said of each header, by its name; ``tells_model`` where whoever asks is told which model answers."""
    request_id = {
        "description": "The request's own id where it sent a well-formed one, else a new one; the log has it too.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    }
    return {
        "Augury-Model": _MODEL | {"required": tells_model},
        "X-Request-Id": request_id,
        **{name: {"description": about, "schema": {"type": kind}} for name, (kind, about) in _HEADERS.items()},
    }


_MODEL: Json = {
    "description": "The model that answers: its name and the first twelve digits of its digest.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[0-9a-f]{12}$"},
}
_HEADERS = {
    "traceparent": ("string", "The trace of the request, where it sent a well-formed one (W3C Trace Context)."),
    "Augury-Notes": (
        "string",
        'What was noted without putting the number in doubt, with its place: `unknown_key;at="/x"`.',
    ),
    "Augury-Refused": ("integer", "How many records of an array are refused."),
    "Retry-After": ("integer", "After how many seconds it is worth asking again."),
    "WWW-Authenticate": ("string", "How a key is shown."),
    "Accept": ("string", "The types of bodies that are read."),
    "Accept-Encoding": ("string", "The encodings of bodies that are read."),
    HEADER: ("integer", "How many bytes of the body are JSON, where tensors follow in binary."),
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
    """Leave out a member's default: a generated client would take it for a promise that the member is there."""
    return {key: value for key, value in content.items() if key != "default"}


def _make_response(status: int, *, is_protocol: bool) -> Json:
    kinds = list(_find_kinds(status))
    listed = "\n".join(f"* `{name_type(kind)}`: {KINDS[kind][1].lower()}" for kind in kinds)
    media_type, name = (JSON, "ProtocolProblem") if is_protocol else ("application/problem+json", "Problem")
    # Who is refused at the door is not told which model is behind it.
    signature = refer_headers(*_HEADERS_OF.get(status, ())) | {"Augury-Model": _MODEL}
    return {"description": listed, "headers": signature, "content": {media_type: {"schema": refer("schemas", name)}}}


def _find_kinds(status: int) -> Iterator[Kind]:
    for kind, (usual, _) in KINDS.items():
        if usual == status or (kind == "record-refused" and status in STATUS_BY_CODE.values()):
            yield kind
