"""Read a Dockerfile as far as a bundle's goes: instructions a line, arguments as JSON lists."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence

from msgspec import Struct

from augury.errors import BundleError

_CONTINUED = re.compile(r"\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*")
_MEND = "write it as a list in JSON, as `augury bundle` does"


class Instruction(Struct, frozen=True):
    """An instruction in capitals, its options such as ``--from=build``, and the rest as it is written."""

    name: str
    options: tuple[str, ...]
    rest: str

    def read_list(self) -> list[str]:
        """Read the arguments, which are a list in JSON or words without quotes.

        Raises:
            BundleError: they are a command for a shell, which the image has not.
        """
        if not self.rest.startswith("["):
            if self.name in {"COPY", "USER", "WORKDIR", "EXPOSE"}:
                return self.rest.split()
            raise BundleError(f"{self.name} is a command for a shell, of which the image has none", mend=_MEND)
        try:
            words = json.loads(self.rest)
        except json.JSONDecodeError:
            raise BundleError(f"{self.name} {self.rest} cannot be read", mend=_MEND) from None
        return [str(word) for word in words]


class Launch(Struct, frozen=True):
    """How a container begins: its command, variables and user, and the command that asks whether it is healthy."""

    command: tuple[str, ...]
    environment: dict[str, str]
    user: str
    health: tuple[str, ...]


def read_dockerfile(text: str) -> list[Instruction]:
    """Read the instructions of a Dockerfile."""
    return list(_iter_instructions(text))


def _iter_instructions(text: str) -> Iterator[Instruction]:
    for line in _CONTINUED.sub(" ", text).splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, _, rest = stripped.partition(" ")
        options = []
        while (rest := rest.lstrip()).startswith("--"):
            option, _, rest = rest.partition(" ")
            options.append(option)
        yield Instruction(name.upper(), tuple(options), rest)


def split_stages(instructions: Sequence[Instruction]) -> list[list[Instruction]]:
    """Split the instructions before each FROM; what stands before the first belongs to none."""
    stages: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.name == "FROM":
            stages.append([])
        if stages:
            stages[-1].append(instruction)
    return stages


def read_launch(text: str) -> Launch:
    """Read how a container of the last stage begins.

    Raises:
        BundleError: it cannot be told.
    """
    stages = split_stages(read_dockerfile(text))
    command: list[str] = []
    health: list[str] = []
    environment: dict[str, str] = {}
    user = ""
    for instruction in stages[-1] if stages else ():
        match instruction.name:
            case "ENTRYPOINT":
                command = instruction.read_list()
            case "ENV":
                environment |= read_variables(instruction)
            case "USER":
                user = instruction.rest
            case "HEALTHCHECK":
                asked = Instruction("HEALTHCHECK", (), instruction.rest.removeprefix("CMD").lstrip())
                health = asked.read_list()
            case _:
                pass
    if not command:
        raise BundleError("the Dockerfile has no ENTRYPOINT", mend="bundle again")
    return Launch(tuple(command), environment, user, tuple(health))


def read_variables(instruction: Instruction) -> dict[str, str]:
    """Read the variables of an ENV."""
    return dict(word.split("=", 1) for word in shlex.split(instruction.rest))
