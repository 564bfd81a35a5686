"""Write the reference of the command line from the commands themselves: ``python docs/generate_cli.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click

from augury.cli.main import VERBS, main

PAGE = Path(__file__).parent / "reference" / "cli.md"

HEAD = """\
<!-- Written by docs/generate_cli.py from the commands: change them, then run it again. -->

# Command line

Every option also comes from the environment, as the variable named beside it; what is said on the command line wins.
A variable for an option that may be repeated holds several values with spaces between.
`--json` makes the answer JSON, and a failure one JSON object on standard error. Colour is only used on a terminal, and
not where `NO_COLOR` is set. `AUGURY_TRACEBACK=1` shows where a failure was raised, for a report.

| exit status | |
|---|---|
| 0 | done |
| 1 | a fault of ours, or two scorers that disagree |
| 2 | bad usage or input |
| 3 | the artifact is refused |
| 4 | done, but some rows were refused |
| 130 | stopped |
"""


def generate() -> str:
    """Write the whole page."""
    root = click.Context(main, info_name="augury", auto_envvar_prefix="AUGURY")
    return "\n".join([HEAD, *(line for verb in VERBS for line in _document(root, verb))])


def _document(root: click.Context, verb: str) -> Iterator[str]:
    command = main.get_command(root, verb)
    assert command is not None
    ctx = click.Context(command, parent=root, info_name=verb)
    usage = " ".join(command.collect_usage_pieces(ctx))
    yield from (f"## augury {verb}", "", "```text", f"augury {verb} {usage}", "```", "")
    yield cleandoc(command.help or "")
    yield ""
    options = [parameter for parameter in command.get_params(ctx) if isinstance(parameter, click.Option)]
    yield from ("| option | | environment |", "|---|---|---|")
    for option in options:
        if "--help" not in option.opts:
            yield _document_option(option, ctx)
    yield ""


def _document_option(option: click.Option, ctx: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag else f" {option.make_metavar(ctx)}"
    told = option.help or ""
    if option.required:
        told += " Required."
    if option.show_default and option.default is not None:
        told += f" Default: {option.default}."
    variable = f"{ctx.auto_envvar_prefix}_{str(option.name).upper()}"
    return f"| {names}{_escape(value)} | {_escape(told)} | `{variable}` |"


def _escape(text: str) -> str:
    """Escape what a cell of a table, or HTML, would take for its own."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(generate(), "utf-8")
