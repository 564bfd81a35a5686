"""The operations that say what is served and whether it lives, and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from augury.contract.jsonschema import make_schema
from augury.service.descriptions import describe_model, describe_models
from augury.service.models import Models, find_label
from augury.service.openapi.operations import Json, Operation, Tag, refer
from augury.service.openapi.predictions import Door

_HTML: Json = {"text/html": {"schema": {"type": "string"}}}


def describe_models_served(models: Models) -> Operation:
    """Describe the list of models."""
    return Operation(
        path="/models",
        method="get",
        name="listModels",
        tag="models",
        summary="List the models that are served",
        answer=_make_json(refer("schemas", "ServedModels"), msgspec.json.decode(describe_models(models).body)),
        answer_about="Every model that is served.",
    )


def describe_model_served(door: Door, models: Models) -> Operation:
    """Describe what is said of one model."""
    return Operation(
        path=door.prefix,
        method="get",
        name=f"getModel{door.suffix}",
        tag="models",
        summary=f"Show what {door.model.name} is",
        answer=_make_json(
            refer("schemas", "ServedModel"), msgspec.json.decode(describe_model(door.model, models).body)
        ),
        answer_about="The model.",
        refusals=(404,),
    )


def describe_contract_served(door: Door) -> Operation:
    """Describe the contract as the service gives it."""
    model = door.model
    written = make_schema(model.contract, model.name, model.digest, model.examples[0])
    return Operation(
        path=f"{door.prefix}/schema",
        method="get",
        name=f"getSchema{door.suffix}",
        tag="models",
        summary=f"Get the contract of {model.name} as JSON Schema",
        answer={"application/schema+json": {"schema": {"type": "object"}, "example": written}},
        answer_about=f"What {find_label(model)} takes, in JSON Schema 2020-12.",
        refusals=(404,) if door.may_vanish else (),
    )


def describe_health() -> Iterator[Operation]:
    """Describe the probes."""
    yield Operation(
        path="/ping",
        method="get",
        name="ping",
        tag="health",
        summary="Get PONG",
        answer={"text/plain": {"schema": {"type": "string", "const": "PONG"}}},
        answer_about="PONG.",
    )
    yield Operation(
        path="/metrics",
        method="get",
        name="getMetrics",
        tag="health",
        summary="Get what was counted and measured",
        about="In Prometheus' text format, or as OpenMetrics where `Accept` names it.",
        answer={name: {"schema": {"type": "string"}} for name in ("text/plain", "application/openmetrics-text")},
        answer_about="Counters, histograms and what is served, of all workers together.",
    )
    yield _describe_probe("/livez", "alive", "Tell whether the process lives")
    yield _describe_probe("/readyz", "ready", "Tell whether requests should be sent here")


def describe_pages() -> Iterator[Operation]:
    """Describe the pages for people, and the document that this is part of."""
    yield _describe_page("/", "getFrontPage", "Show what is served and how to ask")
    yield _describe_page("/docs", "getDocs", "Show this description as a page")
    yield Operation(
        path="/openapi.json",
        method="get",
        name="getOpenapi",
        tag="pages",
        summary="Get this description",
        answer={"application/json": {"schema": {"type": "object"}}},
        answer_about="OpenAPI 3.1 of the models that are served now.",
    )


def _describe_probe(path: str, status: str, summary: str) -> Operation:
    schema = {
        "type": "object",
        "properties": {"status": {"type": "string", "const": status}},
        "required": ["status"],
        "additionalProperties": False,
    }
    return Operation(
        path=path,
        method="get",
        name=f"get{path[1:].title()}",
        tag="health",
        summary=summary,
        answer=_make_json(schema, {"status": status}),
        answer_about=f"It is {status}.",
    )


def _describe_page(path: str, name: str, summary: str) -> Operation:
    tag: Tag = "pages"
    return Operation(path=path, method="get", name=name, tag=tag, summary=summary, answer=_HTML, answer_about="A page.")


def _make_json(schema: Json, example: Any) -> Json:
    return {"application/json": {"schema": schema, "example": example}}
