"""What is answered about the service and its models, as bytes."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from augury.contract.jsonschema import make_schema
from augury.prediction import Scorer
from augury.service.models import Models, RefusedFile, find_label
from augury.service.reply import Reply

# What the lab's service answers to /ping.
PONG = Reply(b"PONG", media_type="text/plain; charset=utf-8")


class Reload(Struct, frozen=True):
    """Why the file that a model came from is not taken as it is now, and since when (UTC)."""

    refused: str
    since: str


class ServedModel(Struct, frozen=True, omit_defaults=True):
    """What is said about a model that is served; ``reload`` only where its file was changed and is refused."""

    name: str
    target: str
    digest: str
    label: str
    golden_rows: int
    default: bool
    reload: Reload | None = None


class ServedModels(Struct, frozen=True, omit_defaults=True):
    """What is said about all of them; ``refused`` are the files that are not taken, where there are any."""

    models: tuple[ServedModel, ...]
    refused: tuple[RefusedFile, ...] = ()


def describe_models(models: Models) -> Reply:
    """Describe every model that is served."""
    described = tuple(_describe(model, models) for model in models.by_name.values())
    return Reply(msgspec.json.encode(ServedModels(described, models.refused)))


def describe_model(model: Scorer, models: Models) -> Reply:
    """Describe one of the models that are served."""
    return Reply(msgspec.json.encode(_describe(model, models)))


def describe_contract(model: Scorer) -> Reply:
    """Describe a model's contract as JSON Schema."""
    written = make_schema(model.contract, model.name, model.digest, model.examples[0])
    return Reply(msgspec.json.encode(written), media_type="application/schema+json")


def _describe(model: Scorer, models: Models) -> ServedModel:
    golden, is_default = len(model.examples), model is models.default
    reload = next((Reload(file.reason, file.since) for file in models.refused if file.model == model.name), None)
    return ServedModel(model.name, model.target, model.digest, find_label(model), golden, is_default, reload)
