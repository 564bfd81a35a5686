"""Read the files named on the command line with every act of the interpreter watched; print what was seen as JSON.

Run by ``test_hostile_pickles.py`` in a process of its own, because an audit hook can never be taken away again.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from pathlib import Path

from augury.errors import PickleError
from augury.frontends.unpickle import read_pickle

HARMLESS = "builtins.id"
"""The one event of our own code besides opening the file: two references are compared by identity."""


def read_watched(path: str) -> dict[str, object]:
    """Read one file and answer what became of it, what the interpreter did, the peak of memory and the seconds."""
    seen.clear()
    tracemalloc.start()
    started = time.perf_counter()
    try:
        answer = f"read: {type(read_pickle(path)).__name__}"
    except PickleError as refusal:
        answer = f"{type(refusal).__name__}: {refusal}"
    seconds = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    acts = [act for act in seen if not act.startswith(HARMLESS)]
    return {"answer": answer, "acts": acts, "peak": peak, "seconds": seconds}


seen: list[str] = []
"""What the interpreter reported since the file began."""


def note(event: str, args: tuple[object, ...]) -> None:
    """Note an event with its first argument."""
    seen.append(f"{event} {args[0]}" if args else event)


if __name__ == "__main__":
    warm, *paths = sys.argv[1:]
    read_pickle(warm)  # loads the codecs that texts and arrays need, which are files of the standard library
    sys.addaudithook(note)
    print(json.dumps({Path(path).name: read_watched(path) for path in paths}))  # noqa: T201 - its answer
