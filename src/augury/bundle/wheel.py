"""Augury's own wheel, made again from the files that are installed: the same files give the same bytes.

The wheel is stored without compression, because what a compressor writes differs from one build of zlib to another.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import augury
from augury.errors import UsageError

_NAME = "augury"
# The earliest time that a zip file can hold: a wheel has no clock.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
# What an installer wrote into the metadata, and what is made anew.
_OF_THE_INSTALLER = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json"})
_AGAIN = "install Augury again"


def build_wheel() -> tuple[str, bytes]:
    """Build the wheel of the Augury that runs; answer with its file's name and its bytes.

    Raises:
        UsageError: Augury runs without being installed, or its files are not those that were installed.
    """
    installed = _find_distribution()
    members = dict(_iter_package(installed)) | dict(_iter_metadata(installed))
    folder = f"{_NAME}-{installed.version}.dist-info"
    members[f"{folder}/RECORD"] = _write_record(members, f"{folder}/RECORD")
    return f"{_NAME}-{installed.version}-py3-none-any.whl", _write_zip(members)


def _find_distribution() -> Distribution:
    try:
        found = distribution(_NAME)
    except PackageNotFoundError:
        raise UsageError("Augury runs from files that were not installed", mend="install it with pip first") from None
    if found.version != augury.__version__:
        what = f"Augury {augury.__version__} runs, and {found.version} is what was installed"
        raise UsageError(what, mend=_AGAIN)
    return found


def _iter_package(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield the package's files: those of the record, each held to its hash; all there are in an editable install."""
    package = Path(augury.__file__).parent
    recorded = {
        str(file): file.hash.value
        for file in installed.files or ()
        if file.parts[0] == _NAME and file.hash is not None and file.hash.mode == "sha256"
    }
    if not recorded and not _is_editable(installed):
        raise UsageError("the record of Augury's installed files is missing", mend=_AGAIN)
    names = recorded or sorted(
        f"{_NAME}/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    )
    for name in names:
        if name.endswith(".pyc"):
            continue
        content = _read(package.parent / name)
        if recorded and _hash(content) != recorded[name]:
            raise UsageError("the file is not as it was installed", where=name, mend=_AGAIN)
        yield name, content


def _is_editable(installed: Distribution) -> bool:
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    return bool(origin.get("dir_info", {}).get("editable"))


def _iter_metadata(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the metadata that a wheel brings; paths of the record are relative to site-packages."""
    folder = f"{_NAME}-{installed.version}.dist-info"
    for file in installed.files or ():
        if file.parts[0] == folder and file.name not in _OF_THE_INSTALLER:
            yield file.as_posix(), _read(Path(str(file.locate())))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"an installed file of Augury cannot be read: {error.strerror}"
        raise UsageError(what, where=str(path), mend=_AGAIN) from None


def _write_record(members: dict[str, bytes], own: str) -> bytes:
    """Write the record of a wheel: each file with its hash and size, the record itself without either."""
    lines = [f"{name},sha256={_hash(content)},{len(content)}\n" for name, content in sorted(members.items())]
    return "".join([*lines, f"{own},,\n"]).encode()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _write_zip(members: dict[str, bytes]) -> bytes:
    """Write a zip file in which the metadata is last, as the standard of wheels recommends."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as wheel:
        for name in sorted(members, key=lambda name: (".dist-info/" in name, name.endswith("/RECORD"), name)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = _MODE
            wheel.writestr(entry, members[name])
    return buffer.getvalue()
