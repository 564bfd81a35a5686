"""The document: OpenAPI 3.1 of the models that are served now, with their own fields, levels, ranges and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from augury import __version__
from augury.service.models import Models, find_label
from augury.service.openapi.catalogue import (
    describe_contract_served,
    describe_health,
    describe_model_served,
    describe_models_served,
    describe_pages,
)
from augury.service.openapi.invocation import describe_invocation
from augury.service.openapi.naming import name_types
from augury.service.openapi.operations import TAGS, Json, Operation, write_operation
from augury.service.openapi.predictions import Door, describe_predictions, make_model_schemas
from augury.service.openapi.protocol import describe_protocol, make_protocol_schemas
from augury.service.openapi.shapes import make_headers, make_responses, make_schemas
from augury.service.settings import Settings

_ABOUT = """Augury answers one question about a record: what will happen, and with what probability.

A record that does not keep to the model's contract is refused with every fault that it has, never answered silently."""


def make_document(models: Models, settings: Settings, is_guarded: Callable[[str], bool] | None = None) -> Json:
    """Make the document.

    Args:
        models: those that are served.
        settings: the limits.
        is_guarded: whether a path asks for a key; None where the service asks for none.
    """
    doors = _find_doors(models)
    document: Json = {
        "openapi": "3.1.0",
        "info": _make_info(models),
        # Beside this very document, so that a client finds the service behind any prefix of a proxy.
        "servers": [{"url": "."}],
        "tags": [{"name": tag, "description": about} for tag, about in TAGS.items()],
        "paths": _make_paths(_describe(models, doors, settings), is_guarded or _is_open),
        "components": {
            "schemas": _gather_schemas(doors),
            "responses": make_responses(),
            "headers": make_headers(tells_model=is_guarded is None),
        },
    }
    if is_guarded is not None:
        document["components"]["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "bearer": {"type": "http", "scheme": "bearer"},
        }
    return document


def write_document(document: Json) -> bytes:
    """Write the document; the same models and settings give the same bytes."""
    return msgspec.json.encode(document)


def _make_info(models: Models) -> Json:
    digests = (find_label(model).rpartition("@")[2] for model in models.by_name.values())
    return {
        "title": f"Augury: {', '.join(models.by_name)}",
        # The release decides the paths, the models the types: a change of either is another version (semver.org, 10).
        "version": f"{__version__}+{'.'.join(digests)}",
        "description": _ABOUT,
    }


def _find_doors(models: Models) -> tuple[Door, ...]:
    """Find where each model is asked: the default one at the bare routes too, and first there."""
    types = name_types(models.by_name)
    named = (Door(model, types[name], f"/models/{name}", f"Of{types[name]}") for name, model in models.by_name.items())
    return (Door(models.default, types[models.default.name]), *named)


def _describe(models: Models, doors: tuple[Door, ...], settings: Settings) -> Iterator[Operation]:
    yield from (operation for door in doors for operation in describe_predictions(door, settings))
    yield describe_invocation(doors[0])
    yield describe_models_served(models)
    yield from (describe_model_served(door, models) for door in doors if door.prefix)
    yield from (describe_contract_served(door) for door in doors)
    yield from describe_health()
    yield from describe_protocol(doors[1:])
    yield from describe_pages()


def _make_paths(operations: Iterable[Operation], is_guarded: Callable[[str], bool]) -> Json:
    paths: Json = {}
    for operation in operations:
        written = write_operation(operation, guarded=is_guarded(operation.path))
        paths.setdefault(operation.path, {})[operation.method] = written
    return paths


def _gather_schemas(doors: Iterable[Door]) -> Json:
    schemas: Json = {}
    for door in doors:
        schemas |= make_model_schemas(door)
    return schemas | make_schemas() | make_protocol_schemas()


def _is_open(_path: str) -> bool:
    return False
