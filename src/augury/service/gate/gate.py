"""Who may ask: the one guard of every route, called before anything else of a request is looked at."""

from __future__ import annotations

import binascii
import contextlib
from collections.abc import Iterable, Sequence
from hmac import compare_digest

from augury.service.gate.hosts import Hosts
from augury.service.gate.keys import ApiKey, hash_key, is_key
from augury.service.problems import Refusal

# What a probe asks, which can send no key and names no host: a kubelet asks a pod by its address, and the platform that
# expects /ping (SageMaker) has no key. Their answers say nothing of the models.
OPEN_PATHS = frozenset({"/livez", "/readyz", "/ping", "/v2/health/live", "/v2/health/ready"})

_Headers = Sequence[tuple[bytes, bytes]]


class Gate:
    """The keys of those who may ask, and the names by which they may; without either it is open.

    ``is_open`` says that there is nothing to check, ``asks_key`` that who shows no key is a stranger.

    Raises:
        UsageError: a name is none.
    """

    def __init__(self, keys: Iterable[ApiKey] = (), hosts: Sequence[str] = ()) -> None:
        self._keys = [(bytes.fromhex(key.sha256), key.name) for key in keys]
        self._hosts = Hosts(hosts) if hosts else None
        self.asks_key = bool(self._keys)
        self.is_open = not self.asks_key and self._hosts is None

    def check(self, path: str, headers: _Headers) -> str | None:
        """Check one request: its path as it is routed, and its headers with names in lower case.

        Returns:
            The name of the key that it shows; None where none is asked for.

        Raises:
            Refusal: it may not be answered.
        """
        if self.is_open or path in OPEN_PATHS:
            return None
        if self._hosts is not None:
            self._check_host(self._hosts, headers)
        return self._find_caller(headers) if self.asks_key else None

    def _check_host(self, hosts: Hosts, headers: _Headers) -> None:
        said = [value for name, value in headers if name == b"host"]
        if len(said) != 1 or not hosts.allows(said[0].decode("latin-1")):
            raise Refusal("misdirected", "this service does not answer under the name in Host")

    def _find_caller(self, headers: _Headers) -> str:
        """Find whose key it is, in a time that does not hang on which one, nor on how much of it is right."""
        key = _find_key(headers)
        caller = None
        if key is not None:
            hashed = hash_key(key)
            for known, name in self._keys:
                if compare_digest(hashed, known):
                    caller = name
        if caller is None:
            raise _refuse_stranger(headers)
        return caller


def _find_key(headers: _Headers) -> bytes | None:
    """Find the one key that was sent; None where there is none, more than one, or no key's bytes.

    Who sends ``X-API-Key`` says that this is his key: what stands in ``Authorization`` is then for a proxy.
    """
    sent = [value for name, value in headers if name == b"x-api-key"]
    sent = sent or _find_tokens(headers) or _find_passwords(headers)
    return sent[0] if len(sent) == 1 and is_key(sent[0]) else None


def _find_tokens(headers: _Headers) -> list[bytes]:
    """Find bearer tokens; another scheme is another's: a proxy that checked a password leaves it there."""
    said = [value.partition(b" ") for name, value in headers if name == b"authorization"]
    return [token.strip(b" ") for scheme, _, token in said if scheme.lower() == b"bearer"]


def _find_passwords(headers: _Headers) -> list[bytes]:
    """Find what a person typed as a password into a browser, which can send a key in no other way (RFC 7617)."""
    found = []
    for name, value in headers:
        scheme, _, token = value.partition(b" ")
        if name == b"authorization" and scheme.lower() == b"basic":
            with contextlib.suppress(binascii.Error):
                found.append(binascii.a2b_base64(token.strip(b" "), strict_mode=True).partition(b":")[2])
    return found


def _refuse_stranger(headers: _Headers) -> Refusal:
    """Refuse without a word of what is wrong with a key: whoever guesses learns nothing.

    A browser that asks for a page is told to ask its person for the key.
    """
    detail = "this service asks for a key: send yours as X-API-Key, or as Authorization: Bearer"
    wants_page = any(name == b"accept" and b"text/html" in value for name, value in headers)
    challenge = 'Basic realm="augury: the password is the key"' if wants_page else 'Bearer realm="augury"'
    return Refusal("unauthorized", detail, headers={"WWW-Authenticate": challenge})
