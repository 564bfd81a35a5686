"""The command ``augury``: its verbs, found when they are asked for, and the one table of exit statuses.

==== ==============================================
0    done
1    a fault of ours, or two scorers that disagree
2    bad usage or input
3    the artifact is refused
4    done, but some rows were refused
130  stopped
==== ==============================================
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from augury import __version__
from augury.cli.options import Asked

# Each verb with the first line of its help: `augury --help` loads none of them.
VERBS = {
    "contract": "Propose the contract of a table, as a file to read and correct.",
    "train": "Train a model from a table, and evaluate it on rows held out.",
    "compile": "Compile a fitted scikit-learn estimator into an artifact.",
    "inspect": "Show what an artifact holds: contract, weights, provenance.",
    "verify": "Check an artifact: digest, every range, every golden row.",
    "amend": "Change a policy or the threshold: another artifact.",
    "predict": "Score one record, or a table of any size.",
    "sql": "Write the model and its contract as one SQL statement.",
    "sample": "Draw synthetic records that satisfy the contract.",
    "serve": "Serve models over HTTP.",
    "bundle": "Write a folder that deploys a model.",
    "check-bundle": "Prove a bundle: install it, start it, ask it.",
    "key": "Make a key for a service that asks for one.",
    "dataset": "Fetch a public table, by its checksum.",
}


class Verbs(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the verbs in the order in which one meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import a verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"augury.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the verb that was probably meant, without importing all of them."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            from augury.contract.nearest import find_nearest

            nearest = find_nearest(args[0], VERBS)
            hint = f"did you mean '{nearest}'?" if nearest else f"there are {', '.join(VERBS)}."
            raise click.UsageError(f"there is no command '{args[0]}': {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the verbs and their first lines."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Answer a call without a verb with the help as it is: it is no sentence, and so is not told as one."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb and see its output through, before anything can be lost at exit."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader of our output had enough (`| head`): that is its right, and no fault.
            _drop_unwritable()
            return 0
        return result

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run, report a failure in one sentence, and exit with its status."""
        arguments = list(sys.argv[1:] if args is None else args)
        asked = Asked(as_json="--json" in arguments)
        # What the terminal cannot show is escaped; no character of a table is worth an exception.
        _replace_closed()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        extra |= {"standalone_mode": False, "obj": asked, "auto_envvar_prefix": "AUGURY"}
        if "NO_COLOR" in os.environ:
            extra["color"] = False
        try:
            result = super().main(arguments, prog_name or "augury", **extra)
            sys.exit(result if isinstance(result, int) else 0)
        except Exception as error:
            if os.environ.get("AUGURY_TRACEBACK") == "1":
                raise
            # Not at the top: `--help` is quicker without what describes faults.
            from augury.cli.failure import describe_failure

            _drop_unwritable()
            failure = describe_failure(error)
            _tell(failure.write_json() if asked.as_json else failure.write_text())
            sys.exit(failure.status)


def _replace_closed() -> None:
    """Write to nowhere where a stream was closed by the caller (`>&-`), for which Python has None."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end


def _drop_unwritable() -> None:
    """Write out what standard output still holds, to nowhere where that fails.

    A buffered stream keeps what it could not write, and the interpreter would try it again at its end and fail there.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _tell(sentence: str) -> None:
    try:
        click.echo(sentence, err=True)
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise


@click.group(
    name="augury",
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every option also comes from the environment, as AUGURY_VERB_OPTION; options win. "
    "Exit status: 0 done, 1 a fault of ours, 2 bad usage or input, 3 the artifact is refused, "
    "4 done but some rows were refused, 130 stopped.",
)
@click.version_option(__version__, message="augury %(version)s", allow_from_autoenv=False)
def main() -> None:
    """Turn a trained classifier into one small file of data that scores the same everywhere."""
