"""What every page of ours needs: the address at which its reader asks, and headers that forbid all else."""

from __future__ import annotations

import re

from starlette.requests import Request

from augury.markup import find_style_source

# The characters of a host and a port (RFC 3986, section 3.2): what else a caller claims is not repeated to him.
_AUTHORITY = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


def find_origin(request: Request) -> str:
    """Find where the service answers, as the caller addressed it."""
    claimed = request.headers.get("host", "")
    return f"{request.url.scheme}://{claimed}" if _AUTHORITY.fullmatch(claimed) else "http://localhost:9696"


def make_page_headers(style: str) -> dict[str, str]:
    """Forbid everything but the style sheet that stands in the page itself."""
    allowed = find_style_source(style)
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
