"""Run a command: its seconds, the memory that it held at most, its status, and the last line that it printed.

It is run from a small process of its own, this one, because Linux counts for a program also what the one that started
it held: a benchmark that has fitted models holds more than some of what it measures.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from time import perf_counter


def read_peak(whose: int) -> int:
    """Read the bytes that were resident at most: of this process, or of the largest of its children that are over."""
    largest = resource.getrusage(whose).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


def _run(command: list[str]) -> dict[str, object]:
    began = perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = perf_counter() - began
    peak = read_peak(resource.RUSAGE_CHILDREN)
    last = (done.stdout.splitlines() or [""])[-1]
    return {"seconds": seconds, "peak": peak, "status": done.returncode, "told": last}


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1:])))
