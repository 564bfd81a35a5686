"""Options that several verbs share, and how KEY=VALUE is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Asked:
    """What was asked of the command as a whole."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json


def json_option(command: Command) -> Command:
    """Add ``--json``, which also makes a failure one JSON object."""

    def remember(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
        if isinstance(ctx.obj, Asked):
            ctx.obj.as_json = ctx.obj.as_json or value
        return value

    option = click.option("--json", is_flag=True, is_eager=True, callback=remember, help="Write JSON, for machines.")
    return option(command)


def model_argument(command: Command) -> Command:
    """Add the argument MODEL: the path of an artifact."""
    return click.argument("model", type=click.Path(path_type=Path))(command)


# Generic to a type checker, and to click itself only in newer releases.
if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType


class Assignment(_ParamType):
    """``KEY=VALUE``, where the value may be checked and converted."""

    name = "KEY=VALUE"

    def __init__(self, example: str, read_value: Callable[[str], Any] = str) -> None:
        self._example = example
        self._read_value = read_value

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split at the first ``=``."""
        if isinstance(value, tuple):
            return value
        key, equals, text = str(value).partition("=")
        if not key or not equals:
            self.fail(f"'{value}' is not of the form {self._example}", param, ctx)
        try:
            return key, self._read_value(text)
        except ValueError as error:
            self.fail(f"'{value}': {error}, as in {self._example}", param, ctx)


class Probability(click.FloatRange):
    """A number in [0, 1], of which NaN is none."""

    name = "probability"

    def __init__(self) -> None:
        super().__init__(0, 1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse NaN too, which is on no side of a bound."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not in the range 0<=x<=1.", param, ctx)
        return number


class ModelName(_ParamType):
    """A name that a model can be served by."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what an artifact would be refused for, before the work is done."""
        from augury.artifact.check import MODEL_NAME  # not at the top: most verbs name no model

        if MODEL_NAME.fullmatch(str(value)) is None:
            self.fail(f"'{value}' is not 1 to 64 letters, digits, dots, hyphens and underscores", param, ctx)
        return str(value)


def choose(*choices: str) -> Callable[[str], str]:
    """Make the function that accepts one of a few words."""

    def read_choice(text: str) -> str:
        if text not in choices:
            raise ValueError(f"the value is {' or '.join(choices)}")
        return text

    return read_choice


def collect(assignments: Sequence[tuple[str, Any]], option: str) -> dict[str, Any]:
    """Collect assignments into a mapping; one field twice is a contradiction.

    Raises:
        click.UsageError: a key stands twice.
    """
    mapping: dict[str, Any] = {}
    for key, value in assignments:
        if key in mapping:
            raise click.UsageError(
                f"{option} names '{key}' twice: give it once.", click.get_current_context(silent=True)
            )
        mapping[key] = value
    return mapping
