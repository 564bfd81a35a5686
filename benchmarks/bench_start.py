"""How soon does the service answer, how much memory does a worker keep, and how large is what must be installed?

A start is measured from creating the process until the first ``POST /predict`` is answered; memory is the resident set
of each worker after a hundred answers; sizes are the files of the packages that each needs, without bytecode.

How this could mislead: the files are in the page cache, so a first start after boot is slower for all; a resident set
counts pages that workers share, once for each of them; the lab's service is started from a pickle that is made before.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from time import monotonic, perf_counter, sleep

import rounds
from the_lab import CUSTOMER, train_pair

_HERE = Path(__file__).resolve().parent
_BODY = json.dumps(CUSTOMER).encode()
_PATIENCE = 60.0  # seconds until a service that does not answer is given up
LAB = "lab: Flask, gunicorn, 1 worker"


def measure_augury(workers: int) -> dict[str, float]:
    """Start our service and ask it."""
    executable = str(Path(sys.executable).with_name("augury"))
    return _measure(lambda port: [executable, "serve", "--port", str(port), "--workers", str(workers)], workers)


def measure_lab(workers: int) -> dict[str, float]:
    """Start the lab's service and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "churn-model.bin"
        path.write_bytes(pickle.dumps(train_pair()))
        os.environ["LAB_PICKLE"] = str(path)
        return _measure(
            lambda port: [
                *(sys.executable, "-m", "gunicorn", "--chdir", str(_HERE), "--workers", str(workers)),
                *("--bind", f"127.0.0.1:{port}", "--log-level", "error", "lab_app:app"),
            ],
            workers,
        )


def _measure(make_command: object, workers: int) -> dict[str, float]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    start = perf_counter()
    with _run(make_command(port)) as process:  # type: ignore[operator]
        _wait_for_answer(port, process)
        taken = perf_counter() - start
        for _ in range(100):
            _ask(port)
        resident = max(_find_resident(pid) for pid in _find_workers(process.pid, workers))
    return {"seconds": taken, "megabytes": resident / 1e6}


@contextmanager
def _run(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + _PATIENCE
    while monotonic() < until and process.poll() is None:
        try:
            return _ask(port)
        except (OSError, HTTPException):
            sleep(0.005)
    raise SystemExit(f"{process.args} does not answer")


def _ask(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/predict", _BODY, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200 or "churn" not in answer:
        raise SystemExit(f"{response.status}: {answer}")


def _find_workers(pid: int, workers: int) -> list[int]:
    """Find the processes that answer: with one worker it may be the first itself, else its children."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return sorted(children, key=_find_resident)[-workers:] or [pid]


def _find_resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def measure_import(module: str) -> dict[str, float]:
    """Time an import in a fresh interpreter, in ms."""
    start = perf_counter()
    __import__(module)
    return {"ms": (perf_counter() - start) * 1000}


def find_closure(names: Sequence[str]) -> dict[str, Distribution]:
    """Find the packages that some packages need, themselves among them."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform
        if name not in found:
            found[name] = package
            needed = (line for line in package.requires or () if "extra ==" not in line)
            waiting.extend(re.match(r"[A-Za-z0-9._-]+", line)[0] for line in needed)  # type: ignore[index]
    return found


def measure_size(names: Sequence[str]) -> dict[str, float]:
    """Count the packages and sum their files, without bytecode."""
    packages = find_closure(names)
    files = [Path(str(file.locate())) for package in packages.values() for file in package.files or ()]
    size = sum(file.stat().st_size for file in files if file.suffix != ".pyc" and file.is_file())
    return {"megabytes": size / 1e6, "packages": len(packages)}


STARTS = {
    LAB: lambda: measure_lab(1),
    "lab: Flask, gunicorn, 2 workers": lambda: measure_lab(2),
    "augury serve, 1 worker": lambda: measure_augury(1),
    "augury serve, 2 workers": lambda: measure_augury(2),
}
IMPORTS = {
    "import sklearn.linear_model": lambda: measure_import("sklearn.linear_model"),
    "import augury": lambda: measure_import("augury"),
    "import augury.api (to load)": lambda: measure_import("augury.api"),
}
SIZES = {
    "lab: flask, gunicorn, scikit-learn": lambda: measure_size(["flask", "gunicorn", "scikit-learn"]),
    "augury": lambda: measure_size(["augury"]),
}


def report() -> None:
    """Print starts, imports and sizes."""
    rounds.print_header(__doc__.splitlines()[0], ["augury", "uvicorn", "flask", "gunicorn", "scikit-learn"])
    starts = rounds.run_rounds(list(STARTS))
    rounds.print_table(starts, "seconds", against=LAB, unit="s to the first answer")
    rounds.print_table(starts, "megabytes", against=LAB, unit="MB resident, the largest worker", faster=False)
    rounds.print_table(rounds.run_rounds(list(IMPORTS)), "ms", against=next(iter(IMPORTS)), unit="ms")
    sizes = {name: [measure()] for name, measure in SIZES.items()}
    rounds.print_table(sizes, "megabytes", against=next(iter(SIZES)), unit="MB installed", faster=False)
    rounds.print_table(sizes, "packages", against=next(iter(SIZES)), unit="packages", faster=False)


if __name__ == "__main__":
    rounds.main(STARTS | IMPORTS | SIZES, report)
