"""``augury contract``: propose the contract of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from augury.cli.fields import render_fields
from augury.cli.files import check_output
from augury.cli.notices import render_notices
from augury.cli.options import json_option
from augury.cli.render import bold, printable, show_count
from augury.errors import UsageError
from augury.tables.contract_text import write_contract
from augury.tables.propose import propose_contract
from augury.tables.read import read_table
from augury.training.about import describe_target


@click.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--target", help="The target column, which is no field.")
@click.option("--id", multiple=True, help="A column that identifies a customer; may be repeated.")
@click.option("--drop", multiple=True, help="A column to leave out; may be repeated.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the contract here, as TOML.")
@click.option("--force", is_flag=True, help="Replace a contract that is already there.")
@json_option
def command(table: Path, output: Path | None, force: bool, json: bool, **said: Any) -> None:
    """Propose the contract of a table, as a file to read, correct and keep.

    TABLE is CSV, JSON, Parquet or Arrow. `augury train` and `augury compile` take the file with --contract.
    """
    if output is not None:
        check_output(output)
        if output.exists() and not force:
            # It is a file to correct by hand, so that to replace it could destroy somebody's work.
            mend = "name another file, or say --force to replace it"
            raise UsageError("there is a file already, perhaps with corrections", where=str(output), mend=mend)
    read = read_table(table)
    proposed = propose_contract(read, target=said["target"], identifiers=said["id"], drop=said["drop"])
    about = describe_target(read, proposed.target, proposed.contract) if proposed.target else []
    notices = (*proposed.notices, *about)
    if output is not None:
        write_contract(proposed.contract, output, notices)
    if json:
        click.echo(msgspec.json.encode({"contract": proposed.contract, "notices": notices}))
        return
    click.echo(bold(f"{show_count(len(proposed.contract.features), 'feature')}"))
    for line in (*render_fields(proposed.contract), *render_notices(notices)):
        click.echo(line)
    where = f"written to {printable(str(output))}" if output else "say -o contract.toml to have it as a file"
    click.echo(where)
