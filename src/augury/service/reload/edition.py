"""What the first process tells a worker: which models to answer with, as the very bytes that it has checked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from msgspec import Struct

from augury.prediction import Scorer
from augury.service.models import Models, RefusedFile, Reloads
from augury.service.reload.shelf import Parse, Shelf


class _Page(Struct, frozen=True):
    """A model by its digest, with its bytes where the worker has not got them."""

    digest: str
    content: bytes | None


class _Edition(Struct, frozen=True):
    pages: tuple[_Page, ...]
    default: str
    refused: tuple[RefusedFile, ...]
    reloads: Reloads


def write_edition(shelf: Shelf, known: frozenset[str]) -> bytes:
    """Write what is served now, for a worker that has the models of these digests."""
    models, contents = shelf.models, shelf.find_contents()
    digests = [model.digest for model in models.by_name.values()]
    pages = tuple(_Page(digest, None if digest in known else contents[digest]) for digest in digests)
    return msgspec.msgpack.encode(_Edition(pages, models.default.digest, models.refused, models.reloads))


def read_edition(content: bytes, served: Models, parse: Parse) -> Models:
    """Read what to serve, by a worker that serves these models; what it has not got is compiled and checked here.

    Raises:
        ArtifactError: a model does not come out here as it did in the first process.
    """
    edition = msgspec.msgpack.decode(content, type=_Edition)
    known = {model.digest: model for model in served.by_name.values()}
    models = [_find(page, known, parse) for page in edition.pages]
    default = next(model for model in models if model.digest == edition.default)
    by_name = MappingProxyType({model.name: model for model in models})
    return Models(by_name, default, edition.refused, edition.reloads)


def _find(page: _Page, known: Mapping[str, Scorer], parse: Parse) -> Scorer:
    return known[page.digest] if page.content is None else parse(page.content, "a model from the first process")
