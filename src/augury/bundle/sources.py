"""Where packages come from: the indexes of the user's own pip, never one of ours, and never with a password."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from augury.errors import UsageError

# pip's own order: what is set later wins.
_SECTIONS = ("global", "install", ":env:")
_SETTING = re.compile(r"(?P<section>[^.=]+)\.(?P<key>[a-z-]+)=(?P<value>.*)")
# What pip says of its option, where nothing is configured.
_DEFAULT = re.compile(r"--index-url.*?\(default\s+(\S+)\)", re.DOTALL)
_SECONDS = 60
_NAME_IT = "name the index with --index-url"


class Source(Struct, frozen=True):
    """An index of packages (PEP 503): a name, its address, and whether the certificate of its host is checked."""

    name: str
    url: str
    verify_ssl: bool


def find_sources(named: Sequence[str] = ()) -> tuple[Source, ...]:
    """Find the indexes of a bundle: those named, else those that the user's pip is configured with.

    Users and passwords become variables, ``${INDEX_USERNAME}`` and ``${INDEX_PASSWORD}`` for the first.

    Raises:
        UsageError: pip cannot be asked, or an address cannot be written down without giving something away.
    """
    if named:
        return make_sources(named)
    settings = _read_settings(_ask_pip("config", "list"))
    if settings.get("no-index", "").lower() in {"1", "on", "true", "yes"}:
        raise UsageError("pip is configured to ask no index", mend=_NAME_IT)
    urls = [settings.get("index-url") or _find_default(), *settings.get("extra-index-url", "").split()]
    return make_sources(urls, trusted=settings.get("trusted-host", "").split())


def make_sources(urls: Sequence[str], *, trusted: Sequence[str] = ()) -> tuple[Source, ...]:
    """Make sources of addresses, the first of which is the main one.

    Args:
        urls: the addresses; one twice counts once.
        trusted: hosts, or hosts with ports, whose certificates are not checked.

    Raises:
        UsageError: one is no address of an index, or may hold a secret in a place where it cannot be told.
    """
    sources = []
    for number, url in enumerate(dict.fromkeys(urls), 1):
        parts = _split(url)
        name = "index" if number == 1 else f"index-{number}"
        is_trusted = parts.hostname in trusted or parts.netloc.rpartition("@")[2] in trusted
        sources.append(Source(name, _hide(parts, name), verify_ssl=not is_trusted))
    return tuple(sources)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host = parts.hostname  # which reads the port too
        _ = parts.port
    except ValueError:
        raise UsageError("the address of an index cannot be read", mend=_NAME_IT) from None
    if parts.scheme not in {"http", "https", "file"} or not (host or parts.scheme == "file"):
        shown = f"{parts.scheme}://…" if parts.scheme else "an address without a scheme"
        raise UsageError(f"{shown} is no address of an index", mend="give one that begins with https://")
    if parts.query or parts.fragment:
        what = "the address of an index has a query or a fragment, which may hold a secret"
        raise UsageError(what, where=host or "", mend="configure user and password instead, or " + _NAME_IT)
    if "$" in url.rpartition("@")[2]:
        raise UsageError("the address of an index holds a dollar", where=host or "", mend=_NAME_IT)
    return parts


def _hide(parts: SplitResult, name: str) -> str:
    """Put variables in the place of user and password; a token alone is a user."""
    login, at, host = parts.netloc.rpartition("@")
    if at:
        variable = name.upper().replace("-", "_")
        secret = f":${{{variable}_PASSWORD}}" if ":" in login else ""
        host = f"${{{variable}_USERNAME}}{secret}@{host}"
    return parts._replace(netloc=host).geturl()


def _read_settings(listed: str) -> dict[str, str]:
    """Read what ``pip config list`` writes, a setting a line with a literal of Python, as ``pip install`` has it."""
    settings: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listed.splitlines():
        found = _SETTING.fullmatch(line)
        if found and found["section"] in settings:
            settings[found["section"]][found["key"]] = str(ast.literal_eval(found["value"]))
    return {key: value for section in _SECTIONS for key, value in settings[section].items()}


def _find_default() -> str:
    """Find the index that pip asks where nothing is configured: it says so in its help."""
    apart = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    found = _DEFAULT.search(_ask_pip("install", "--help", environment=apart | {"PIP_CONFIG_FILE": os.devnull}))
    if found is None:
        raise UsageError("pip does not say which index it asks", mend=_NAME_IT)
    return found[1]


def _ask_pip(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    command = [sys.executable, "-m", "pip", *arguments]
    wide = {**(os.environ if environment is None else environment), "COLUMNS": "1000"}
    try:
        answered = subprocess.run(  # noqa: S603 - pip, with arguments that are written here
            command, env=wide, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        what = "pip, whose configuration says where packages come from, cannot be asked in this environment"
        raise UsageError(what, mend=f"install pip, or {_NAME_IT}") from None
    return answered.stdout
