"""The same locked packages in the formats that installers read.

Each format is checked by its own tool in the tests: pip, pipenv and uv.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from augury.bundle.lock import REQUIRES_PYTHON, WHEELS, Package
from augury.bundle.quoting import quote
from augury.bundle.sources import Source

_OWN = "augury"


def write_requirements(packages: Sequence[Package]) -> bytes:
    """Write ``requirements.txt`` for pip: versions and hashes, wheels alone, and ours from the folder beside it."""
    lines = [
        "# What the service needs, and nothing else. `pip install -r requirements.txt` checks every hash.",
        f"--find-links {WHEELS}",
        "--only-binary :all:",
    ]
    for package in packages:
        marker = f" ; {package.marker}" if package.marker else ""
        hashes = [f"    --hash=sha256:{digest}" for digest in _list_hashes(package)]
        lines.append(" \\\n".join([f"{package.name}=={package.version}{marker}", *hashes]))
    return _join(lines)


def write_pylock(packages: Sequence[Package], *, about: str) -> bytes:
    """Write ``pylock.toml`` (PEP 751), in which every wheel lies in the folder of the file itself.

    A wheel has no address here: which index has it is whoever's who installs. It may not lie beside a Pipfile: pipenv
    (2026.10) would read it in place of ``Pipfile.lock``, and ask another index than the one that the Pipfile names.
    """
    lines = [f"# {line}" for line in about.splitlines()]
    lines += ['lock-version = "1.0"', 'created-by = "augury"', f"requires-python = {quote(REQUIRES_PYTHON)}"]
    for package in packages:
        lines += ["", "[[packages]]", f"name = {quote(package.name)}", f"version = {quote(package.version)}"]
        if package.marker:
            lines.append(f"marker = {quote(package.marker)}")
        if package.dependencies:
            named = ", ".join(f"{{ name = {quote(name)} }}" for name in package.dependencies)
            lines.append(f"dependencies = [{named}]")
        lines.append("wheels = [")
        lines += [
            f"    {{ path = {quote(wheel.file)}, size = {wheel.size}, hashes = {{ sha256 = {quote(wheel.sha256)} }} }},"
            for wheel in package.wheels
        ]
        lines.append("]")
    return _join(lines)


def write_pipfile(version: str, sources: Sequence[Source], *, script: str) -> bytes:
    """Write the ``Pipfile``: Augury at its version, where packages come from, and ``pipenv run serve``."""
    lines = [
        "# Ours lies in the folder wheels, and pipenv asks pip, which is told so by a variable:",
        f"#   PIP_FIND_LINKS={WHEELS} pipenv install --deploy && pipenv run serve",
    ]
    for source in sources:
        lines += ["", "[[source]]", f"name = {quote(source.name)}", f"url = {quote(source.url)}"]
        lines.append(f"verify_ssl = {'true' if source.verify_ssl else 'false'}")
    lines += ["", "[packages]", f"{_OWN} = {quote(f'=={version}')}", "", "[scripts]", f"serve = {quote(script)}"]
    if len(sources) > 1:
        # Otherwise only the first is asked; with hashes, no other index can put anything in a package's place.
        lines += ["", "[pipenv]", "install_search_all_sources = true"]
    return _join(lines)


def write_pipfile_lock(packages: Sequence[Package], version: str, sources: Sequence[Source]) -> bytes:
    """Write the ``Pipfile.lock`` of that Pipfile as pipenv does, with the hash by which it knows the Pipfile."""
    listed = [{"name": each.name, "url": each.url, "verify_ssl": each.verify_ssl} for each in sources]
    default = {}
    for package in packages:
        entry: dict[str, object] = {
            "hashes": [f"sha256:{digest}" for digest in _list_hashes(package)],
            "version": f"=={package.version}",
        }
        default[package.name] = entry | ({"markers": package.marker} if package.marker else {})
    lock = {
        "_meta": {
            "hash": {"sha256": _hash_pipfile(version, listed)},
            "pipfile-spec": 6,
            "requires": {},
            "sources": listed,
        },
        "default": default,
        "develop": {},
    }
    return (json.dumps(lock, indent=4, sort_keys=True) + "\n").encode()


def _hash_pipfile(version: str, sources: Sequence[dict[str, object]]) -> str:
    """Compute the Pipfile's hash as pipenv does: of its sections as compact JSON (``plette.Pipfile.get_hash``)."""
    content = {"_meta": {"sources": sources, "requires": {}}, "default": {_OWN: f"=={version}"}, "develop": {}}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _list_hashes(package: Package) -> list[str]:
    return sorted(wheel.sha256 for wheel in package.wheels)


def _join(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
