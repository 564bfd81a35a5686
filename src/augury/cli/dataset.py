"""``augury dataset``: a public table by its address, and only if its bytes are the ones we know."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click
import msgspec
from msgspec import Struct

from augury import __version__
from augury.cli.files import check_output, read_bytes, write_whole
from augury.cli.options import json_option
from augury.cli.render import printable
from augury.errors import UsageError

# Seconds without a byte after which a server is taken for dead.
_TIMEOUT = 30
_CHUNK = 64 * 1024


class Dataset(Struct, frozen=True):
    """A public table: where it is, and by what its bytes are known."""

    name: str
    url: str
    sha256: str
    n_bytes: int
    file_name: str
    about: str


DATASETS = {
    "telco": Dataset(
        name="telco",
        url="https://raw.githubusercontent.com/IBM/telco-customer-churn-on-icp4d/"
        "d5371f5d83a446ad5673cbcca3b814b926491f8a/data/Telco-Customer-Churn.csv",
        sha256="16320c9c1ec72448db59aa0a26a0b95401046bef5d02fd3aeb906448e3055e91",
        n_bytes=970_457,
        file_name="telco-customer-churn.csv",
        about="7,043 customers of a telephone company, target Churn; IBM sample data, Apache-2.0",
    )
}


@click.command()
@click.argument("name", type=click.Choice(list(DATASETS)), metavar="NAME")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it here; into the cache otherwise.")
@click.option("--from", type=click.Path(path_type=Path), help="Take a copy that you have, and check it.")
@json_option
def command(name: str, output: Path | None, json: bool, **said: Path | None) -> None:
    """Fetch a public table, check its SHA-256 and say where it is.

    telco: 7,043 customers of a telephone company and whether they left. It is fetched once and kept in the cache
    ($XDG_CACHE_HOME/augury or ~/.cache/augury).
    """
    dataset = DATASETS[name]
    place = find_cache() / dataset.file_name
    if output is not None:
        check_output(output)
    content = obtain(dataset, place, said["from"])
    if output is not None:
        write_whole(output, [content])
        place = output
    elif not _is_same(place, content):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, [content])
    if json:
        click.echo(msgspec.json.encode({"name": name, "path": str(place), "sha256": dataset.sha256}))
        return
    click.echo(printable(str(place)))
    click.echo(f"{dataset.about}; its SHA-256 is right", err=True)


def find_cache() -> Path:
    """Find the folder in which fetched tables are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "augury"


def obtain(dataset: Dataset, place: Path, copy: Path | None) -> bytes:
    """Obtain the bytes of a table from a copy, else from the cache, else over the network.

    Raises:
        UsageError: they cannot be had, or are not the ones that are known.
    """
    if copy is not None:
        content = read_bytes(copy, 2 * dataset.n_bytes)
        _check(dataset, content, str(copy), "give a copy of the table as it is published")
        return content
    if place.is_file() and _is_known(dataset, content := read_bytes(place, 2 * dataset.n_bytes)):
        return content
    content = b"".join(_iter_fetched(dataset))
    _check(dataset, content, dataset.url, f"what came is something else: {_suggest_copy(dataset)}")
    return content


def _is_same(place: Path, content: bytes) -> bool:
    return place.is_file() and place.read_bytes() == content


def _is_known(dataset: Dataset, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == dataset.sha256


def _check(dataset: Dataset, content: bytes, where: str, mend: str) -> None:
    if not _is_known(dataset, content):
        found = hashlib.sha256(content).hexdigest()
        what = f"the SHA-256 of its {len(content):,} bytes is {found[:12]}…, not {dataset.sha256[:12]}…"
        raise UsageError(what, where=where, mend=mend)


def _iter_fetched(dataset: Dataset) -> Iterator[bytes]:
    """Fetch the table; more bytes than it has are not read."""
    request = Request(dataset.url, headers={"User-Agent": f"augury/{__version__}"})  # noqa: S310 - an address of ours
    left = dataset.n_bytes + 1
    bar = click.progressbar(length=dataset.n_bytes, label=f"fetching {dataset.name}", file=sys.stderr)
    try:
        with urlopen(request, timeout=_TIMEOUT) as answer, bar:  # noqa: S310 - an address of ours
            while left > 0 and (chunk := answer.read(min(left, _CHUNK))):
                left -= len(chunk)
                bar.update(len(chunk))
                yield chunk
    except (URLError, OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the answer too, with its connection
        reason = getattr(error, "reason", None) or error
        what = f"the table cannot be fetched: {reason}"
        raise UsageError(what, where=dataset.url, mend=_suggest_copy(dataset)) from None


def _suggest_copy(dataset: Dataset) -> str:
    return f"if you have a copy, `augury dataset {dataset.name} --from PATH` takes it"
