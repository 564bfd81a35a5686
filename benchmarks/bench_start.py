"""How soon does the service answer with one worker and with two, and what does importing it cost?

A start is measured from creating the process until the first ``POST /predict`` is answered rightly; memory is read
after a hundred answers more. What each needs to be installed, and other ways of serving, are in bench_environments.py.

How this could mislead: the files are in the page cache, so a first start after boot is slower for all; the MB of the
largest process count pages that workers share; the lab's service is started from a pickle that is made before.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

import msgspec

import rounds
from contenders import AUGURY, LAB
from rival_models import fit_models
from serving import Server
from side_by_side import find_present, write_packages
from starts import measure_starts


def add_worker(server: Server) -> Server:
    """Have a server with two workers."""
    # The words of gunicorn end with the application, before which its options stand.
    *words, last = server.command
    command = (*words, "--workers", "2", last) if server is LAB else (*server.command, "--workers", "2")
    return msgspec.structs.replace(server, name=f"{server.name}, 2 workers", command=command)


def measure_import(module: str) -> dict[str, float]:
    """Time an import in a fresh interpreter, in ms."""
    start = perf_counter()
    __import__(module)
    return {"ms": (perf_counter() - start) * 1000}


SERVERS = (LAB, add_worker(LAB), AUGURY, add_worker(AUGURY))
IMPORTS = {
    "import sklearn.linear_model": lambda: measure_import("sklearn.linear_model"),
    "import augury": lambda: measure_import("augury"),
    "import augury.api (to load)": lambda: measure_import("augury.api"),
}


def report() -> None:
    """Print starts and imports."""
    rounds.print_header(__doc__.splitlines()[0], ["augury", "scikit-learn"])
    servers = find_present(SERVERS)
    print(f"  servers   {write_packages(servers)}\n")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        fit_models(Path(name))
        starts = measure_starts(servers, Path(name))
    told = {each: [msgspec.structs.asdict(start) for start in found] for each, found in starts.items()}
    against = next(iter(told))
    rounds.print_table(told, "seconds", against=against, unit="s to the first answer")
    rounds.print_table(told, "worker", against=against, unit="MB resident, the largest process", faster=False)
    rounds.print_table(told, "whole", against=against, unit="MB, all processes", faster=False)
    rounds.print_table(rounds.run_rounds(list(IMPORTS)), "ms", against=next(iter(IMPORTS)), unit="ms")


if __name__ == "__main__":
    rounds.main(IMPORTS, report)
