from __future__ import annotations

import multiprocessing
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from augury.service.request_id import make_request_id
from augury.service.trace import Trace, find_trace, read_trace
from tests.service.asking import ask

TRACE_ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = f"00-{TRACE_ID}-{PARENT}-01"


def _read(sent: str) -> Trace | None:
    return read_trace(sent.encode())


def test_a_trace_is_taken() -> None:
    """The trace of the caller is taken as it is."""
    assert _read(SENT) == Trace(TRACE_ID, SENT)
    assert find_trace([(b"host", b"a"), (b"traceparent", SENT.encode())]) == Trace(TRACE_ID, SENT)


@pytest.mark.parametrize(("sent", "returned"), [("00", "00"), ("03", "03"), ("ff", "03"), ("fc", "00")])
def test_unknown_flags_are_zero(sent: str, returned: str) -> None:
    """Flags that version 00 does not know are returned as zero."""
    assert _read(f"00-{TRACE_ID}-{PARENT}-{sent}") == Trace(TRACE_ID, f"00-{TRACE_ID}-{PARENT}-{returned}")


@pytest.mark.parametrize(
    "sent", [f"01{SENT[2:]}", f"cc{SENT[2:]}", f"01{SENT[2:]}-what-the-future-brings", f"01{SENT[2:]}-"]
)
def test_a_version_of_the_future(sent: str) -> None:
    """A later version is read as far as this one goes, and answered in this one."""
    assert _read(sent) == Trace(TRACE_ID, SENT)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        SENT[:-1],
        SENT + "0",
        f"{SENT}-more",
        f"{SENT}-",
        f"ff{SENT[2:]}",
        f"01{SENT[2:]}.what",
        f"01{SENT[2:]}0",
        SENT.upper(),
        SENT.replace("4bf", "4bF"),
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        SENT.replace("-", "_"),
        SENT.replace("4bf", "xyz"),
        f" {SENT}",
        f"{SENT}\n",
        f"{SENT},{SENT}",
        "\u0664" * 55,
    ],
)
def test_a_malformed_trace_is_none(app: Starlette, sent: str) -> None:
    """A malformed trace is not there: nothing of it is returned, and the request is answered."""
    assert _read(sent) is None
    answer = ask(app, "GET", "/ping", headers=[(b"traceparent", sent.encode())])
    assert (answer.status, answer.header("traceparent")) == (200, None)


def test_two_traces_are_none() -> None:
    """Of two traces neither is believed, not even when they are the same."""
    assert find_trace([(b"traceparent", SENT.encode())] * 2) is None


@given(
    st.binary(max_size=70)
    | st.from_regex(rb"[0-9a-f]{2}-[0-9a-f]{30,34}-[0-9a-f]{14,18}-[0-9a-f]{1,4}-?", fullmatch=True)
)
def test_what_is_returned_is_well_formed(sent: bytes) -> None:
    """Whatever is sent, what is returned is a version 00 of the ids that were sent, and reads as itself."""
    trace = read_trace(sent)
    if trace is not None:
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]", trace.traceparent)
        assert trace.traceparent[3:52].encode() == sent[3:52]
        assert read_trace(trace.traceparent.encode()) == trace


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/predict", 200), ("POST", "/predict", 422), ("GET", "/x", 404)]
)
def test_the_trace_is_returned(app: Starlette, body: bytes, method: str, path: str, status: int) -> None:
    """The trace is in the answer, whether the request was answered or refused."""
    sent = body if status == 200 else b"{}"
    answer = ask(app, method, path, sent, {"content-type": "application/json", "traceparent": SENT})
    assert (answer.status, answer.header("traceparent")) == (status, SENT)


def test_ids_differ_beyond_one_batch() -> None:
    """A thousand new ids are a thousand different ones of 128 bits."""
    made = {make_request_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in made)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process forks here")
def test_a_forked_process_makes_its_own_ids() -> None:
    """Two processes forked from one never make the same id, though it had drawn for many."""
    ran = multiprocessing.get_context("spawn").Pool(1)
    with ran:
        first, second, own = ran.apply(_fork_twice)
    assert len({*first, *second, *own}) == 3 * 300


def _fork_twice() -> tuple[list[str], list[str], list[str]]:
    """Make ids in two children and in their parent, which made one before."""
    make_request_id()
    made = []
    for _ in range(2):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, " ".join(make_request_id() for _ in range(300)).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            made.append(pipe.read().split())
        os.wait()
    return made[0], made[1], [make_request_id() for _ in range(300)]
