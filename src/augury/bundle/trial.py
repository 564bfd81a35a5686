"""A bundle's service started as its image would start it, asked every golden row, and stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from time import monotonic, perf_counter, sleep

from msgspec import Struct

from augury.bundle.dockerfile import Launch
from augury.errors import BundleError
from augury.ir.link import sigmoid
from augury.model import Model

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_GLANCE_SECONDS = 0.005
_LINES_SHOWN = 3


class Trial(Struct, frozen=True):
    """What was seen of a service.

    Args:
        start_seconds: from creating the process to the first right answer.
        stop_seconds: from SIGTERM to its end.
        rows: golden rows that were answered bit for bit.
        resident: bytes in memory of the process that answers, after all of them; None where the system does not say.
        has_health_check: whether the image asks for its health; the answer was good.
        user: the image's user, as which it ran; None where this process cannot become it, and it ran as our own.
    """

    start_seconds: float
    stop_seconds: float
    rows: int
    resident: int | None
    has_health_check: bool
    user: str | None


def try_service(launch: Launch, programs: Path, folder: Path, model: Model) -> Trial:
    """Start a service, ask it, and stop it.

    Args:
        launch: how the image begins.
        programs: of the environment, in place of the image's.
        folder: with the artifact, in place of the image's.
        model: that must answer.

    Raises:
        BundleError: it does not start, answers something else, is not healthy, or does not stop as it should.
    """
    port = _find_port()
    environment = {
        **launch.environment,
        "PATH": str(programs),
        "AUGURY_SERVE_HOST": _HOST,
        "AUGURY_SERVE_PORT": str(port),
    }
    user = _find_user(launch, programs)
    with _run(_resolve(launch.command, programs), environment, folder, user) as service:
        started = service.await_answer(port, model)
        for number in range(len(model.examples)):
            _check_golden(port, model, number)
        _check_health(launch, programs, environment)
        resident = _read_resident(service.process.pid)
        stopped = service.stop()
    return Trial(
        started, stopped, len(model.examples), resident, bool(launch.health), launch.user if user is not None else None
    )


class _Service:
    """A service in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, begun: float) -> None:
        self.process = process
        self._log = log
        self._begun = begun

    def await_answer(self, port: int, model: Model) -> float:
        """Await the first right answer; answer with the seconds since the process was made."""
        until = monotonic() + _START_SECONDS
        while monotonic() < until and self.process.poll() is None:
            try:
                _check_golden(port, model, 0)
            except (OSError, HTTPException):
                sleep(_GLANCE_SECONDS)
            else:
                return perf_counter() - self._begun
        how = "ended" if self.process.poll() is not None else f"did not answer within {_START_SECONDS:g} s"
        raise BundleError(f"the service {how}: {self._read_log()}", mend="bundle again with an Augury that works here")

    def stop(self) -> float:
        """Stop it as a container is stopped; answer with the seconds that it took."""
        begun = perf_counter()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise BundleError(f"the service did not stop within {_STOP_SECONDS:g} s of SIGTERM") from None
        if status:
            raise BundleError(f"the service ended with status {status} at SIGTERM: {self._read_log()}")
        return perf_counter() - begun

    def _read_log(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " | ".join(lines[-_LINES_SHOWN:]) or "it said nothing"


@contextmanager
def _run(command: list[str], environment: dict[str, str], folder: Path, user: int | None) -> Iterator[_Service]:
    """Run a service until the block ends, whatever happens in it."""
    log = folder.parent / "service.log"
    as_user = {} if user is None else {"user": user, "group": user, "extra_groups": ()}
    begun = perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - the bundle's own command
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **as_user
        )
    try:
        yield _Service(process, log, begun)
    finally:
        process.kill()
        process.wait()


def _check_golden(port: int, model: Model, number: int) -> None:
    """Ask a golden row: the probability must be that of its margin, bit for bit, and of this very model."""
    golden = model.document.model.golden[number]
    connection = HTTPConnection(_HOST, port, timeout=_START_SECONDS)
    try:
        body = json.dumps(golden.record)
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    _check_answer(response, content, model, number)


def _check_answer(response: HTTPResponse, content: bytes, model: Model, number: int) -> None:
    label = f"{model.name}@{model.digest.removeprefix('sha256:')[:12]}"
    answering = response.headers.get("Augury-Model")
    if answering != label:
        raise BundleError(f"{answering or 'no model'} answers, and {label} was bundled", mend="bundle again")
    probability = sigmoid(model.document.model.golden[number].margin)
    expected = {model.target: probability >= model.threshold, f"{model.target}_probability": probability}
    answer = json.loads(content) if response.status == 200 else {}
    if {key: answer.get(key) for key in expected} != expected:
        what = f"golden row {number} is answered with {response.status}, and not with what the artifact says"
        raise BundleError(what, mend="bundle again")


def _check_health(launch: Launch, programs: Path, environment: dict[str, str]) -> None:
    if not launch.health:
        return
    try:
        subprocess.run(_resolve(launch.health, programs), env=environment, timeout=_START_SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        what = "the image's health check fails while the service answers"
        raise BundleError(what, mend="bundle again") from None


def _resolve(command: Sequence[str], programs: Path) -> list[str]:
    """Put the environment's program in the place of the image's."""
    return [str(programs / Path(command[0]).name), *command[1:]]


def _find_user(launch: Launch, programs: Path) -> int | None:
    """Find the image's user, where this process may become it and it may run the environment's programs."""
    name = launch.user.partition(":")[0]
    if _get_own_user() != 0 or not name.isdecimal():
        return None
    user = int(name)
    try:
        subprocess.run([programs / "python", "-c", ""], user=user, group=user, extra_groups=(), check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return user


def _get_own_user() -> int | None:
    return os.geteuid() if hasattr(os, "geteuid") else None


def _find_port() -> int:
    with socket.create_server((_HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _read_resident(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else None
