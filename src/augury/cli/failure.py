"""What went wrong, as one sentence for a person or one JSON object for a machine, and the exit status it means."""

from __future__ import annotations

import json
from typing import Any

import click
from msgspec import Struct, to_builtins

from augury.cli.render import printable
from augury.errors import ArtifactError, AuguryError, ParityError, RecordError, UnsafePickleError, UnsupportedError

STOPPED = 130  # 128 and SIGINT's number, as shells have it

# The first class that an error is an instance of decides.
STATUSES: tuple[tuple[type[BaseException], int], ...] = (
    (ArtifactError, 3),
    (ParityError, 1),
    (AuguryError, 2),
    (click.Abort, STOPPED),
    (click.ClickException, 2),
    (OSError, 2),
    (Exception, 1),
)


class Failure(Struct, frozen=True):
    """A failure: exit status, class, sentence and who says it; details are for a person, members for a machine."""

    status: int
    kind: str
    sentence: str
    speaker: str = "augury"
    details: tuple[str, ...] = ()
    members: dict[str, Any] = {}

    def write_text(self) -> str:
        """Write the failure for a person."""
        said = f" {printable(self.sentence)}"
        return "\n  ".join([click.style(f"{self.speaker}:", fg="red", bold=True) + said, *map(printable, self.details)])

    def write_json(self) -> str:
        """Write the failure for a machine."""
        members = {"error": self.sentence, "kind": self.kind, "exit_status": self.status, **self.members}
        return json.dumps(members, ensure_ascii=False)


def describe_failure(error: Exception) -> Failure:
    """Describe what was raised."""
    status, kind = _find_status(error), type(error).__name__
    match error:
        case RecordError():
            sentence, details = _describe_refusal(error)
            return Failure(status, kind, sentence, members=_find_members(error), details=details)
        case AuguryError():
            return Failure(status, kind, str(error), members=_find_members(error))
        case click.Abort():
            return Failure(status, "Stopped", str(error) or "stopped; nothing was left half-written")
        case click.UsageError():
            speaker = error.ctx.command_path if error.ctx else "augury"
            said = error.format_message()
            see = " See" if said.endswith((".", "?", "!")) else "; see"
            return Failure(status, kind, f"{said}{see} `{speaker} --help`", speaker)
        case click.ClickException():
            return Failure(status, kind, error.format_message())
        case OSError():
            reason = error.strerror or str(error)
            where = f"{error.filename}: " if error.filename is not None else ""
            return Failure(status, kind, f"{where}{reason}")
        case MemoryError():
            return Failure(status, kind, "there is not enough memory for this")
    sentence = f"this is a fault of Augury's own ({kind}: {error}); please report it with what AUGURY_TRACEBACK=1 shows"
    return Failure(status, kind, sentence)


def _find_status(error: Exception) -> int:
    # A file that cannot be opened or written is bad input: no artifact was refused.
    if isinstance(error, ArtifactError) and isinstance(error.__cause__, OSError):
        return 2
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def _describe_refusal(error: RecordError) -> tuple[str, tuple[str, ...]]:
    """Say one fault in the sentence, and list several below it."""
    lines = [f"{fault.pointer or '/'}: {fault.detail}" for fault in error.faults]
    if len(lines) == 1 and not error.more:
        return f"the record is refused: {lines[0]}", ()
    if error.more:
        lines.append(f"and {error.more} more")
    return f"the record is refused for {len(error.faults) + error.more} faults", tuple(lines)


def _find_members(error: AuguryError) -> dict[str, Any]:
    members: dict[str, Any] = {}
    match error:
        case RecordError():
            members = {"faults": to_builtins(error.faults)} | ({"more": error.more} if error.more else {})
        case UnsafePickleError():
            members = {"names": [list(name) for name in error.names]}
        case UnsupportedError():
            members = {"parts": [list(part) for part in error.parts]}
    for name in ("where", "mend"):
        if text := getattr(error, name, ""):
            members[name] = text
    return members
