"""What is answered about the service and its models, as bytes."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from augury.contract.jsonschema import make_schema
from augury.prediction import Scorer
from augury.service.models import Models, find_label
from augury.service.reply import Reply

# What the lab's service answers to /ping.
PONG = Reply(b"PONG", media_type="text/plain; charset=utf-8")


class ServedModel(Struct, frozen=True):
    """What is said about a model that is served."""

    name: str
    target: str
    digest: str
    label: str
    golden_rows: int
    default: bool


def describe_models(models: Models) -> Reply:
    """Describe every model that is served."""
    described = [_describe(model, models) for model in models.by_name.values()]
    return Reply(msgspec.json.encode({"models": described}))


def describe_model(model: Scorer, models: Models) -> Reply:
    """Describe one of the models that are served."""
    return Reply(msgspec.json.encode(_describe(model, models)))


def describe_contract(model: Scorer) -> Reply:
    """Describe a model's contract as JSON Schema."""
    written = make_schema(model.contract, model.name, model.digest, model.examples[0])
    return Reply(msgspec.json.encode(written), media_type="application/schema+json")


def _describe(model: Scorer, models: Models) -> ServedModel:
    golden, is_default = len(model.examples), model is models.default
    return ServedModel(model.name, model.target, model.digest, find_label(model), golden, is_default)
