"""The models as their files say: read once, checked, and read again when a file changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, structs

from augury.artifact.read import name_artifact, read_content
from augury.errors import ArtifactError, AuguryError, UsageError
from augury.prediction import Scorer
from augury.service.models import Models, RefusedFile, Reloads, find_label, gather_models
from augury.service.reload.watch import Watch

_LOGGER = logging.getLogger("augury.service")

# Makes a model of an artifact's bytes, checked whole; the text names the artifact in an error.
Parse = Callable[[bytes, str], Scorer]


class _Copy(Struct, frozen=True):
    content: bytes
    model: Scorer


class Shelf:
    """The models of some files and folders, each with the bytes that it was made from.

    A file that cannot be taken leaves the model that was read from it before. ``models`` is a snapshot that includes
    what is wrong with which file, and ``number`` grows by one with each that differs from the one before.

    Args:
        arguments: paths of artifacts, and of folders with files named ``NAME.augury.json``.
        parse: makes a model of an artifact's bytes.
        clock: tells the time.
    """

    def __init__(
        self, arguments: Sequence[str], parse: Parse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.number = 0
        self.models: Models
        self.parse = parse
        self._clock = clock
        self._watch = Watch(arguments)
        self._copies: dict[str, _Copy] = {}
        # Good files that cannot be served beside the others; a change of these may make room for them.
        self._waiting: dict[str, _Copy] = {}
        self._refused: dict[str, RefusedFile] = {}
        self._reloads = Reloads()
        self._default_file = ""
        self._default_name: str | None = None

    def fill(self, default: str | None = None) -> Models:
        """Read every file for the first time; the bare routes are ``default``'s, else the first file's.

        Raises:
            ArtifactError: a file is refused.
            UsageError: the models cannot be served together.
        """
        for file in self._watch.find_all():
            content = read_content(file)
            self._copies[file] = _Copy(content, self.parse(content, name_artifact(file)))
        self.models = gather_models([copy.model for copy in self._copies.values()], default)
        self._default_name = default
        self._default_file = next(f for f, copy in self._copies.items() if copy.model is self.models.default)
        return self.models

    def find_contents(self) -> Mapping[str, bytes]:
        """Find the bytes of each model that is served, by its digest."""
        return {copy.model.digest: copy.content for copy in self._copies.values()}

    def look(self, *, again: bool = False) -> bool:
        """Read the files that changed, or ``again`` all of them; say whether ``models`` is another snapshot now."""
        changed = self._watch.find_all() if again else self._watch.find_changed()
        if not changed:
            return False
        proposals: dict[str, _Copy | None] = {**self._waiting}
        for file in changed:
            proposals.pop(file, None)
            self._propose(file, proposals)
        self._take_all(proposals)
        refused, served = tuple(self._refused.values()), [copy.model for copy in self._copies.values()]
        gathered = gather_models(served, self._copies[self._default_file].model.name)
        latest = structs.replace(gathered, refused=refused, reloads=self._reloads)
        if latest == self.models:
            return False
        self.models, self.number = latest, self.number + 1
        return True

    def _propose(self, file: str, proposals: dict[str, _Copy | None]) -> None:
        """Propose what a file holds now; None where it is gone."""
        if not self._watch.is_there(file):
            if file in self._copies:
                proposals[file] = None
            else:
                self._settle(file)
            return
        try:
            copy = self._read(file)
        except AuguryError as error:
            # What changed while it was read is told of again; a half of it is nobody's fault yet.
            if self._watch.is_at_rest(file):
                self._refuse(file, error)
            return
        held = self._copies.get(file)
        if held is None or held.model.digest != copy.model.digest:
            proposals[file] = copy
        else:
            self._settle(file)

    def _read(self, file: str) -> _Copy:
        if fault := self._watch.find_fault(file):
            raise ArtifactError(fault, mend="put an artifact in its place")
        try:
            content = read_content(file)
            return _Copy(content, self.parse(content, name_artifact(file)))
        except AuguryError:
            raise
        except Exception as error:  # whatever a file does to us, the models that answer go on
            raise ArtifactError(f"reading it failed ({type(error).__name__})", mend="report this file") from error

    def _take_all(self, proposals: Mapping[str, _Copy | None]) -> None:
        """Take the proposals: together if that is possible, for two files may change names, else those that can be."""
        try:
            self._take(proposals)
        except UsageError:
            # What goes away first: it may be in the way of what comes.
            for file, copy in sorted(proposals.items(), key=lambda proposal: proposal[1] is not None):
                try:
                    self._take({file: copy})
                except UsageError as error:
                    self._refuse(file, error)
                    if copy is not None:
                        self._waiting[file] = copy

    def _take(self, proposals: Mapping[str, _Copy | None]) -> None:
        after = {**self._copies, **proposals}
        copies = {file: copy for file, copy in after.items() if copy is not None}
        self._check_default(copies)
        gather_models([copy.model for copy in copies.values()])
        before, self._copies = self._copies, copies
        for file, copy in proposals.items():
            label = find_label((copy or before[file]).model)
            self._settle(file)
            self._reloads = structs.replace(self._reloads, applied=self._reloads.applied + 1)
            event = "model removed" if copy is None else "model loaded"
            _LOGGER.info(event, extra={"augury_members": {"file": name_artifact(file), "model": label}})

    def _check_default(self, copies: Mapping[str, _Copy]) -> None:
        if self._default_file not in copies:
            mend = "put a file in its place, or start the service again with another default"
            raise UsageError("the file of the bare routes' model is gone", mend=mend)
        name = copies[self._default_file].model.name
        if self._default_name not in (None, name):
            mend = "give the model that name, or start the service again with another --default"
            raise UsageError(
                f"the model is named {name[:64]!r} and the bare routes are {self._default_name}'s", mend=mend
            )

    def _settle(self, file: str) -> None:
        """Forget what was wrong with a file."""
        self._refused.pop(file, None)
        self._waiting.pop(file, None)

    def _refuse(self, file: str, error: AuguryError) -> None:
        """Keep why a file is not taken, and say it once."""
        self._waiting.pop(file, None)
        reason = f"{error.what}; {error.mend}" if error.mend else error.what
        held, known = self._copies.get(file), self._refused.get(file)
        since = known.since if known else self._clock().isoformat(timespec="seconds")
        name = held.model.name if held else None
        self._refused[file] = refused = RefusedFile(Path(name_artifact(file)).name, reason, since, name)
        if refused == known:
            return
        self._reloads = structs.replace(self._reloads, refused=self._reloads.refused + 1)
        members = {"file": name_artifact(file), "reason": reason, "model": find_label(held.model) if held else None}
        _LOGGER.warning("model refused", extra={"augury_members": members})
