"""Fit in a process of its own, where the numbers hang on the kernel of the linear algebra library.

OpenBLAS reads which of its kernels to use when it is loaded, which in this process may have happened long ago. The job
goes to the child through a pipe, and the fit comes back through another; each ends the other where one side fails.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from typing import IO, Any

from augury.errors import UsageError
from augury.training.fit import Fit, Job, Tick, fit

_VARIABLE = "OPENBLAS_CORETYPE"
_PROGRAM = "from augury.training.child import serve; serve()"
# Between processes of one interpreter the newest way is the right one.
_PROTOCOL = pickle.HIGHEST_PROTOCOL


def fit_apart(job: Job, kernel: str, tick: Tick) -> Fit:
    """Do a job in a process whose linear algebra uses the given kernel.

    Raises:
        UsageError: there is no interpreter to start.
    """
    if not sys.executable:
        what = f"the recipe asks for the kernel {kernel}, which needs a Python process of its own"
        raise UsageError(what, mend="train from the command line")
    # What this process can import the child can import too, and nothing from the folder that one happens to be in.
    environment = {**os.environ, _VARIABLE: kernel, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, with our own program
        [sys.executable, "-P", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        # A Ctrl-C is for this process, which ends the other.
        start_new_session=True,
    )
    try:
        return _talk(process, job, tick)
    finally:
        process.kill()
        for pipe in filter(None, (process.stdin, process.stdout)):
            with contextlib.suppress(OSError):  # what was not sent need not be any more
                pipe.close()
        process.wait()


def _talk(process: subprocess.Popen[bytes], job: Job, tick: Tick) -> Fit:
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both are pipes
    try:
        pickle.dump(job, process.stdin, protocol=_PROTOCOL)
        process.stdin.close()
        while True:
            answer = _load(process.stdout)
            if isinstance(answer, Fit):
                return answer
            if isinstance(answer, BaseException):
                raise answer
            tick()
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):
        what = "the process that fits the model was ended from outside"
        raise UsageError(what, mend="look whether the machine ran out of memory, and try again") from None


def serve() -> None:
    """Do the one job that comes on standard input; run in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not get into the answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answer: Any
    try:
        answer = fit(_load(sys.stdin.buffer), lambda: _send(None, answers))
    except Exception as error:  # noqa: BLE001 - the parent raises it where the user sees it
        answer = error
    _send(answer, answers)


def _send(answer: object, pipe: IO[bytes]) -> None:
    pickle.dump(answer, pipe, protocol=_PROTOCOL)
    pipe.flush()


def _load(pipe: IO[bytes]) -> Any:
    return pickle.load(pipe)  # noqa: S301 - what our own other half has written, on a pipe that nobody else has
