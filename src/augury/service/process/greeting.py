"""What is said when the service answers: a few lines for a person, one JSON line for a machine."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from augury import __version__
from augury.prediction import Scorer
from augury.service.models import find_label


class Serving(Struct, frozen=True):
    """A service that answers: where, with which models (the first is the bare routes'), in how many processes."""

    url: str
    models: Sequence[Scorer]
    workers: int


def greet(serving: Serving) -> str:
    """Write the greeting for a person: what is served, where the page is, how to ask, how to serve one's own."""
    first = serving.models[0]
    record = shlex.quote(msgspec.json.encode(first.examples[0]).decode())
    lines = [
        f"Augury {__version__} is ready.",
        "",
        *(f"  {line}" for line in _list_models(serving)),
        f"  page      {serving.url}/",
        f"  ask       curl -H 'Content-Type: application/json' {serving.url}/predict -d {record}",
        "  your own  augury compile MODEL.pkl --sample TABLE.csv -o own.augury.json",
        "            augury serve own.augury.json",
        "",
        "  Ctrl-C stops it once it has answered what it was asked.",
    ]
    return "\n".join(lines)


def greet_machine(serving: Serving) -> str:
    """Write the greeting for a machine, as one JSON object."""
    models = [
        {"model": find_label(model), "digest": model.digest, "golden_rows": len(model.examples)}
        for model in serving.models
    ]
    line = {
        "event": "serving",
        "version": __version__,
        "url": serving.url,
        "workers": serving.workers,
        "models": models,
    }
    return msgspec.json.encode(line).decode()


def _list_models(serving: Serving) -> list[str]:
    names = [find_label(model) for model in serving.models]
    width = max(map(len, names))
    return [
        f"{'model' if index == 0 else '':8}  {name:{width}}  all {len(model.examples)} golden rows agree, bit for bit"
        for index, (name, model) in enumerate(zip(names, serving.models, strict=True))
    ]
