"""The page at ``/``: what is served, how to ask, and a place to try it; plain HTML that one script brings to life.

The script makes its form from the contracts, which stand in the page as JSON. Without it the page still says it all.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from augury.contract.field_table import write_field_table
from augury.contract.fields import Contract
from augury.markup import find_style_source
from augury.prediction import Scorer
from augury.service.endpoints import find_service
from augury.service.middleware import find_exchange
from augury.service.models import Models, find_label
from augury.service.page.headers import find_origin
from augury.service.routes import Routes
from augury.service.settings import Settings

_FOLDER = Path(__file__).with_name("static")
# One script of these, in this order: each knows only those before it. One file would be nobody's to read.
_SCRIPTS = tuple(
    f"{name}.js" for name in ("text", "csv", "dom", "ask", "field", "answer", "snippets", "file", "drop", "bench")
)


class TriedModel(Struct, frozen=True):
    """What the page's script knows of a model; ``path`` is relative to the page, wherever a proxy has put it."""

    name: str
    label: str
    path: str
    target: str
    threshold: float
    contract: Contract
    record: Mapping[str, object]


class Tried(Struct, frozen=True):
    """What the page's script knows: the models, the default one first, and the most that one request may hold."""

    models: tuple[TriedModel, ...]
    max_rows: int
    max_body: int


async def front_page(request: Request) -> Response:
    """Answer with the page."""
    models, settings = find_exchange(request.scope).models, find_service(request).settings
    body = _render_page(models, settings, find_origin(request))
    return Response(body, media_type="text/html", headers=_make_headers(_read("page.css"), _read_script()))


def _make_headers(style: str, script: str) -> dict[str, str]:
    """Forbid everything but the style and the script of the page itself, its icon, and asking this service.

    No text becomes markup in the browser either: under ``require-trusted-types-for`` there is no ``innerHTML``.
    """
    allowed = {
        "default-src": "'none'",
        "style-src": find_style_source(style),
        "script-src": find_style_source(script),  # a script's source expression is written as a style's
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    policy = "; ".join(f"{name} {source}" for name, source in allowed.items())
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def _render_page(models: Models, settings: Settings, origin: str) -> str:
    ordered = [models.default, *(model for model in models.by_name.values() if model is not models.default)]
    tried = tuple(_describe(model, models) for model in ordered)
    return _fill(
        "page.html",
        title=escape(", ".join(each.label for each in tried)),
        style=_read("page.css"),
        script=_read_script(),
        tried=_write_json(Tried(tried, settings.max_rows, settings.max_body)),
        models="\n".join(_render_model(model, f"{origin}/{_find_path(model, models)}") for model in ordered),
    )


def _find_path(model: Scorer, models: Models) -> str:
    return "predict" if model is models.default else f"models/{model.name}/predict"


def _describe(model: Scorer, models: Models) -> TriedModel:
    return TriedModel(
        name=model.name,
        label=find_label(model),
        path=_find_path(model, models),
        target=model.target,
        threshold=model.threshold,
        contract=model.contract,
        record=model.examples[0],
    )


def _write_json(tried: Tried) -> str:
    """Write JSON that may stand in a script element, which only ``<`` could end or turn into a comment."""
    return msgspec.json.encode(tried).decode().replace("<", "\\u003c")


def _render_model(model: Scorer, url: str) -> str:
    record = dict(model.examples[0])
    body = shlex.quote(msgspec.json.encode(record).decode())
    curl = f"curl -H 'Content-Type: application/json' {url} -d {body}"
    shown = "".join(f"    {key!r}: {value!r},\n" for key, value in record.items())
    python = f"import requests\n\nrecord = {{\n{shown}}}\nprint(requests.post({url!r}, json=record).json())"
    return _fill(
        "model.html",
        label=escape(find_label(model)),
        target=escape(model.target),
        threshold=escape(repr(model.threshold)),
        digest=escape(model.digest),
        golden=str(len(model.examples)),
        count=f"{len(model.contract.fields):,}",
        curl=escape(curl),
        python=escape(python),
        fields=write_field_table(model.contract),
    )


def _fill(template: str, **parts: str) -> str:
    """Fill a template with parts that are HTML already."""
    return Template(_read(template)).substitute(parts)


@cache
def _read_script() -> str:
    """Read the script; the strict mode of the language and names of its own come with ``type=module``."""
    return "\n".join(_read(name) for name in _SCRIPTS)


@cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


ROUTES: Routes = (("/", front_page, "GET"),)
