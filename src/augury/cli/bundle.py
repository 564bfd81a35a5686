"""``augury bundle``: a folder that deploys a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from augury.bundle.bundle import make_bundle, read_model
from augury.bundle.parts import PARTS
from augury.bundle.place import find_left, prepare_place, remove_left
from augury.bundle.sources import find_sources
from augury.cli.files import write_together
from augury.cli.options import json_option, model_argument
from augury.cli.render import bold, printable, render_table, show_count

_ALL = "all"


def _read_parts(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """Read parts, several of which may stand in one value."""
    names = [name.strip() for value in values for name in value.replace(",", " ").split()]
    for name in names:
        if name not in (*PARTS, _ALL):
            raise click.BadParameter(f"there is no part '{name[:64]}': there are {', '.join(PARTS)}, and {_ALL}.")
    return tuple(PARTS) if _ALL in names else tuple(dict.fromkeys(names))


@click.command()
@model_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder to write into.")
@click.option(
    "--with",
    "with",
    multiple=True,
    metavar="PART[,PART]…",
    callback=_read_parts,
    help=f"What it holds besides: {', '.join(PARTS)}, or {_ALL}.",
)
@click.option(
    "--index-url",
    multiple=True,
    metavar="URL",
    help="The index that pipenv asks, and others after it; otherwise those that your pip is configured with.",
)
@click.option("--force", is_flag=True, help="Replace files that were changed, or that no bundle wrote.")
@json_option
def command(
    model: Path, output: Path, index_url: tuple[str, ...], force: bool, json: bool, **said: tuple[str, ...]
) -> None:
    """Write a folder that deploys a model: a Dockerfile, and the same locked for pipenv, pip and others.

    Versions and hashes are those of the lock that comes with Augury, so the same model gives the same bytes. Users and
    passwords in the address of an index become variables. `augury check-bundle` proves the folder.
    """
    loaded, content = read_model(str(model))
    deployment, files = make_bundle(loaded, content, find_sources(index_url), said["with"])
    left = find_left(output, files)
    write_together(prepare_place(output, files, is_forced=force))
    remove_left(left)
    size = sum(map(len, files.values()))
    if json:
        answer = {"model": deployment.label, "digest": loaded.digest, "path": str(output), "files": sorted(files)}
        click.echo(msgspec.json.encode({**answer, "bytes": size}))
        return
    click.echo(bold(f"{deployment.label} in {printable(str(output))}"))
    rows = [[name, f"{len(files[name]):,} bytes"] for name in sorted(files)]
    for line in render_table(["", ""], rows, right={1}):
        click.echo(f"  {line}")
    click.echo(f"{show_count(len(files), 'file')}; next:")
    shown = printable(str(output))
    click.echo(f"  augury check-bundle {shown}")
    click.echo(f"  docker build -t {deployment.service} {shown}")
