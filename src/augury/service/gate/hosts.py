"""The names by which a service may be asked, against pages that point a name of their own at it (DNS rebinding)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Address

from augury.errors import UsageError

_LABELS = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
_PATTERN = re.compile(rf"(?:\*\.)?{_LABELS}")
# RFC 9110, section 7.2: a name or an address, and perhaps a port, which any proxy in between may have changed. A name
# that ends with a dot is the same name (RFC 1034, section 3.1).
_HOST = re.compile(rf"(?P<name>{_LABELS}|\[[0-9a-f:.]+\])\.?(?::[0-9]*)?")
_LONGEST = 255


class Hosts:
    """The names that are allowed: each exact, or ``*.example.org`` for every name below that one.

    Raises:
        UsageError: one of them is no name of a host.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        patterns = [_read_pattern(pattern) for pattern in allowed]
        self._exact = frozenset(pattern for pattern in patterns if not pattern.startswith("*"))
        self._below = tuple(pattern.removeprefix("*") for pattern in patterns if pattern.startswith("*"))

    def allows(self, host: str) -> bool:
        """Tell whether the value of a ``Host`` is a name that is allowed, whatever its port."""
        found = _HOST.fullmatch(host.lower()) if len(host) <= _LONGEST else None
        return found is not None and (found["name"] in self._exact or found["name"].endswith(self._below))


def _read_pattern(pattern: str) -> str:
    written = pattern.lower()
    if written.startswith("[") and written.endswith("]"):
        try:
            return f"[{IPv6Address(written[1:-1])}]"
        except ValueError:
            pass
    if len(written) <= _LONGEST and _PATTERN.fullmatch(written):
        return written
    mend = "say a name without a port, as in predict.example.org, *.example.org or [::1]"
    raise UsageError(f"{pattern[:64]!r} is no name of a host", where="--allow-host", mend=mend)
