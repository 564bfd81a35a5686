"""What a service says of itself: which model answers, which others there are, and what a model takes."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from augury.client.reading import UNREADABLE, Answered, check_answer, refuse_garbage


class ReloadRefused(Struct, frozen=True):
    """Why the service does not take a model's file as it is now, and since when (UTC)."""

    refused: str
    since: str


class ServedModel(Struct, frozen=True):
    """A model that a service answers with.

    ``label`` is its name and twelve digits of its ``digest``, ``target`` the key of its answers; ``default`` is that of
    who names none. ``reload`` is there while its file was changed and is refused: the model that was good goes on.
    """

    name: str
    target: str
    digest: str
    label: str
    default: bool
    reload: ReloadRefused | None = None


class _ServedModels(Struct, frozen=True):
    models: tuple[ServedModel, ...]


def read_label(answered: Answered) -> str | None:
    """Read who answers to a ping; None where the service asks for keys, and so tells nobody who only pings.

    Raises:
        ServiceError: there is no answer.
    """
    if answered.status == 200 and answered.body == b"PONG" and "augury-model" not in answered.headers:
        return None
    return check_answer(answered)


def read_default(answered: Answered) -> str:
    """Read the default model's label.

    Raises:
        ServiceError: there is no answer.
    """
    label = next((model.label for model in read_models(answered) if model.default), None)
    if label is None:
        raise refuse_garbage(answered)
    return label


def read_models(answered: Answered) -> tuple[ServedModel, ...]:
    """Read which models are served.

    Raises:
        ServiceError: there is no answer.
    """
    check_answer(answered)
    try:
        return msgspec.json.decode(answered.body, type=_ServedModels).models
    except UNREADABLE as error:
        raise refuse_garbage(answered) from error


def read_schema(answered: Answered) -> dict[str, Any]:
    """Read the contract as JSON Schema.

    Raises:
        ServiceError: there is no answer.
    """
    check_answer(answered)
    try:
        return msgspec.json.decode(answered.body, type=dict[str, Any])
    except UNREADABLE as error:
        raise refuse_garbage(answered) from error
