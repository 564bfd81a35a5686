"""Which files of models there are, and which of them changed and have come to rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

SUFFIX = ".augury.json"
# A look costs some millionths of a second a file; after two of them, a model is taken well within a second.
LOOK_SECONDS = 0.25

# What a look tells of a file: device, inode, time of the last change and size of what the path leads to; or why it
# cannot be looked at.
State = tuple[int, int, int, int] | str


class Watch:
    """Looks at files, and at folders with files named ``NAME.augury.json``.

    Links are followed, so that a change of what they lead to is a change. Nothing is opened here.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = tuple(arguments)
        self._folders = frozenset(argument for argument in arguments if Path(argument).is_dir())
        self._judged: dict[str, State] = {}
        self._seen: dict[str, State] = {}

    def find_all(self) -> list[str]:
        """Find every file that is there, or was when it was last told of, whether it changed or not."""
        files = list(self._judged)
        self._judged = self._seen = self._look()
        return list(dict.fromkeys([*self._judged, *files]))

    def find_changed(self) -> list[str]:
        """Find the files that differ from when they were last told of, and not from the look before this one.

        So a file that is still being written is left alone. One that is gone is told of only while all others are at
        rest: what was renamed is then told of under both names at once.
        """
        before, self._seen = self._seen, self._look()
        moving = {file for file in {**before, **self._seen} if before.get(file) != self._seen.get(file)}
        changed = [
            file
            for file in {**self._judged, **self._seen}
            if self._judged.get(file) != self._seen.get(file)
            and file not in moving
            and (file in self._seen or not moving)
        ]
        for file in changed:
            if file in self._seen:
                self._judged[file] = self._seen[file]
            else:
                del self._judged[file]
        return changed

    def is_there(self, file: str) -> bool:
        """Say whether a file was there at the last look; one that was named stays there, if only to be refused."""
        return file in self._seen

    def find_fault(self, file: str) -> str:
        """Find why a file could not be looked at; empty when it could."""
        state = self._seen.get(file, "")
        return state if isinstance(state, str) else ""

    def is_at_rest(self, file: str) -> bool:
        """Look again whether a file is still as it was at the last look; one that has a fault is."""
        return self.find_fault(file) != "" or _find_state(file) == self._seen.get(file)

    def _look(self) -> dict[str, State]:
        return dict(found for argument in self._arguments for found in self._look_at(argument))

    def _look_at(self, argument: str) -> Iterator[tuple[str, State]]:
        if argument not in self._folders:
            yield argument, _find_state(argument)
            return
        folder = Path(argument)
        try:
            files = sorted(str(path) for path in folder.iterdir() if path.name.endswith(SUFFIX) and path.name[0] != ".")
        except OSError as error:
            # What was in it stays as it was: a folder that cannot be read tells nothing of its files.
            yield from ((file, state) for file, state in self._seen.items() if Path(file).parent == folder)
            yield argument, f"the folder cannot be read: {error.strerror}"
            return
        yield from ((file, _find_state(file)) for file in files)


def _find_state(file: str) -> State:
    try:
        found = Path(file).stat()
    except (OSError, ValueError) as error:
        return f"the file cannot be read: {error.strerror if isinstance(error, OSError) else error}"
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
