"""``augury sample``: draw synthetic records that satisfy the contract."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

import click
import msgspec

from augury.artifact.document import ModelBody
from augury.artifact.read import read_artifact
from augury.cli.files import write_whole
from augury.cli.options import json_option, model_argument
from augury.contract.fields import IntegerField
from augury.profile import draw_record

# Records are written so many at a time: one system call each would take longer than drawing them.
_BATCH = 1000


@click.command()
@model_argument
@click.option("-n", "--rows", type=click.IntRange(min=1), default=1, show_default=True, help="How many records.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed draws the same records.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; standard output otherwise.")
@json_option
def command(model: Path, rows: int, seed: int, output: Path | None, json: bool) -> None:
    """Draw synthetic records that satisfy the contract, as JSON lines (with --json as one array).

    Fields are drawn one by one from what training saw of each: no record is a customer's, and nothing of how fields go
    together is kept. Standard error says so.
    """
    body = read_artifact(model).model
    chunks = _iter_chunks(body, rows, seed, as_json=json)
    if output is not None:
        write_whole(output, chunks)
    else:
        for chunk in chunks:
            click.echo(chunk, nl=False)
    source = "the profile of the training table" if body.profile else "the contract alone, for there is no profile"
    click.echo(f"synthetic: each field was drawn by itself from {source}", err=True)


def _iter_chunks(body: ModelBody, rows: int, seed: int, *, as_json: bool) -> Iterator[bytes]:
    random = Random(seed)  # noqa: S311 - made-up customers, not secrets
    integers = {field.name for field in body.contract.features if isinstance(field, IntegerField)}
    encode = msgspec.json.Encoder().encode
    between = b",\n" if as_json else b"\n"

    def draw() -> bytes:
        record = draw_record(body.contract, body.profile, random)
        return encode({name: int(value) if name in integers else value for name, value in record.items()})  # type: ignore[arg-type]

    records = (draw() for _ in range(rows))
    if as_json:
        yield b"["
    is_first = True
    while batch := list(islice(records, _BATCH)):
        yield (b"" if is_first else between) + between.join(batch)
        is_first = False
    yield b"]\n" if as_json else b"\n"
