"""The page at ``/``: what is served, and how to ask, as plain HTML."""

from __future__ import annotations

import re
import shlex
from html import escape
from pathlib import Path
from string import Template

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from augury.contract.field_table import write_field_table
from augury.markup import find_style_source
from augury.prediction import Scorer
from augury.service.middleware import find_exchange
from augury.service.models import Models, find_label
from augury.service.routes import Routes

_FOLDER = Path(__file__).with_name("page")
# The characters of a host and a port (RFC 3986, section 3.2): what else a caller claims is not repeated to him.
_AUTHORITY = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


async def front_page(request: Request) -> Response:
    """Answer with the page."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    models = find_exchange(request.scope).models
    body = _render_page(models, _find_origin(request), style)
    return Response(body, media_type="text/html", headers=_make_headers(style))


def _make_headers(style: str) -> dict[str, str]:
    """Forbid everything but the style sheet that stands in the page itself."""
    allowed = find_style_source(style)
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def _find_origin(request: Request) -> str:
    claimed = request.headers.get("host", "")
    return f"{request.url.scheme}://{claimed}" if _AUTHORITY.fullmatch(claimed) else "http://localhost:9696"


def _render_page(models: Models, origin: str, style: str) -> str:
    ordered = [models.default, *(model for model in models.by_name.values() if model is not models.default)]
    sections = "\n".join(
        _render_model(
            model, f"{origin}/predict" if model is models.default else f"{origin}/models/{model.name}/predict"
        )
        for model in ordered
    )
    title = escape(", ".join(find_label(model) for model in ordered))
    return _fill("page.html", title=title, style=style, models=sections)


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
        curl=escape(curl),
        python=escape(python),
        fields=write_field_table(model.contract),
    )


def _fill(template: str, **parts: str) -> str:
    """Fill a template with parts that are HTML already."""
    return Template((_FOLDER / template).read_text(encoding="utf-8")).substitute(parts)


ROUTES: Routes = (("/", front_page, "GET"),)
