"""The models that a service answers with, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from augury.errors import UsageError
from augury.prediction import Scorer
from augury.service.problems import Refusal

# A name is a path segment, a header value and a log value, so it holds nothing that any of them would escape.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Twelve hexadecimal digits are 48 bits: among 10,000 artifacts two share them with a chance of 2 in 10 million.
_SHORT_DIGEST = 12


class RefusedFile(Struct, frozen=True, omit_defaults=True):
    """A file that is not taken: its name without folders, why, since when (UTC), and the model that answers instead."""

    file: str
    reason: str
    since: str
    model: str | None = None


class Reloads(Struct, frozen=True):
    """How many changes of files were taken since the start, and how many were refused."""

    applied: int = 0
    refused: int = 0


class Models(Struct, frozen=True):
    """The models by name, the one of the bare routes, and what is known of the files that they come from."""

    by_name: Mapping[str, Scorer]
    default: Scorer
    refused: tuple[RefusedFile, ...] = ()
    reloads: Reloads = Reloads()


class Roster:
    """The models that answer now: a request takes ``models`` once, so that a reload never mixes two in its answer."""

    def __init__(self, models: Models) -> None:
        self.models = models

    def replace(self, models: Models) -> None:
        """Answer with other models from the next request on."""
        self.models = models


def gather_models(models: Sequence[Scorer], default: str | None = None) -> Models:
    """Gather models to be served; the bare routes are ``default``'s, else the first's.

    Raises:
        UsageError: there is none, two have one name, a name cannot be served, or the default is not among them.
    """
    if not models:
        raise UsageError("no model to serve", mend="name an artifact, such as churn.augury.json")
    by_name: dict[str, Scorer] = {}
    for model in models:
        if not _NAME.fullmatch(model.name):
            raise UsageError(f"{model.name[:64]!r} cannot name a model in a URL", mend="use letters, digits, . _ and -")
        if model.name in by_name:
            mend = "write one of them again under another name with `augury amend --name`"
            raise UsageError(f"two models are named {model.name}", mend=mend)
        by_name[model.name] = model
    if default is not None and default not in by_name:
        mend = f"choose one of {', '.join(by_name)}"
        raise UsageError(f"there is no model named {default[:64]!r}", where="--default", mend=mend)
    chosen = models[0] if default is None else by_name[default]
    return Models(MappingProxyType(by_name), chosen)


def find_model(models: Models, name: str | None) -> Scorer:
    """Find the model of that name, else the default one.

    Raises:
        Refusal: there is no model of that name.
    """
    model = models.default if name is None else models.by_name.get(name)
    if model is None:
        raise Refusal("not-found", "no model of this name is served here; GET /models lists those that are")
    return model


def find_label(model: Scorer) -> str:
    """Name a model and its version as every answer does: ``churn@`` and the first digits of the digest."""
    return f"{model.name}@{model.digest.removeprefix('sha256:')[:_SHORT_DIGEST]}"
