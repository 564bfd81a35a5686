from __future__ import annotations

import asyncio
import os
import signal
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import augury
from augury.client.ordered import iter_ordered
from augury.errors import RecordError, ServiceError, ServiceUnreachableError, UsageError
from augury.prediction import Prediction
from tests.service.askers import wait_until
from tests.service.driven import BOTH, LABEL
from tests.service.models import make_model
from tests.service.running import PATIENCE, run_server
from tests.service.scripted import run_script, write_answer
from tests.unit.artifact.documents import make_record

RECORD = dict(make_record())
MODEL = make_model()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The model's file."""
    MODEL.save(tmp_path / "churn.augury.json")
    return tmp_path / "churn.augury.json"


def _make_records(count: int) -> Iterator[dict[str, object]]:
    """Records of which each has another probability than its neighbours, and every seventh is refused."""
    for number in range(count):
        yield RECORD | {"tenure": "x" if number % 7 == 6 else float(number % 70)}


def _expect(count: int) -> list[float | str]:
    """The probability, or the first fault, of each of those records."""
    known: dict[object, float] = {}
    expected: list[float | str] = []
    for record in _make_records(count):
        tenure = record["tenure"]
        if tenure == "x":
            expected.append("type")
            continue
        if tenure not in known:
            known[tenure] = MODEL.predict_one(record).probability
        expected.append(known[tenure])
    return expected


def _summarise(answer: Prediction | RecordError) -> float | str:
    return answer.faults[0].code if isinstance(answer, RecordError) else answer.probability


async def _gather(url: str, records: Any, batch: int, concurrency: int) -> list[float | str]:
    async with augury.AsyncClient(url, retries=20) as client:
        asked = client.predict_many(records, batch=batch, concurrency=concurrency)
        return [_summarise(answer) async for answer in asked]


@pytest.mark.parametrize("concurrency", [1, 4, 50])
def test_batches_at_once_keep_their_order(tmp_path: Path, path: Path, concurrency: int) -> None:
    """Whatever number of batches is asked at once, answers come in the order of the records."""
    with run_server(tmp_path, [path]) as server:
        assert asyncio.run(_gather(server.url, _make_records(500), 30, concurrency)) == _expect(500)


def test_records_that_have_to_be_awaited(tmp_path: Path, path: Path) -> None:
    """Records may come from an asynchronous iterator, whose last batch is not full."""

    async def draw() -> AsyncIterator[dict[str, object]]:
        for record in _make_records(100):
            await asyncio.sleep(0)
            yield record

    with run_server(tmp_path, [path]) as server:
        assert asyncio.run(_gather(server.url, draw(), 30, 3)) == _expect(100)


@pytest.mark.parametrize("concurrency", [0, -1])
def test_none_at_once(concurrency: int) -> None:
    """To ask none at once is refused before anything is sent."""
    with pytest.raises(UsageError):
        augury.AsyncClient("http://127.0.0.1:9").predict_many([RECORD], concurrency=concurrency)


def test_no_more_are_under_way_than_allowed() -> None:
    """No more than allowed are under way, nothing is drawn before there is room, and results come in order."""
    now = most = drawn = 0

    async def work(number: int) -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001 * (7 - number % 7))
        now -= 1
        return number

    async def draw() -> AsyncIterator[Coroutine[object, object, int]]:
        nonlocal drawn
        for number in range(40):
            drawn += 1
            yield work(number)

    async def take() -> list[int]:
        taken = []
        async for number in iter_ordered(draw(), 5):
            taken.append(number)
            assert drawn <= number + 5
        return taken

    assert asyncio.run(take()) == list(range(40))
    assert most == 5


@pytest.mark.parametrize("way", ["leaves", "fails"])
def test_what_nobody_awaits_is_cancelled(way: str) -> None:
    """Where the taker leaves, or one fails, whatever else is under way is cancelled."""
    cancelled = 0

    async def work(number: int) -> int:
        nonlocal cancelled
        if number == 0:
            return 0
        if number == 1 and way == "fails":
            raise ServiceError("it failed")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled += 1
            raise
        return number

    async def draw() -> AsyncIterator[Coroutine[object, object, int]]:
        for number in range(4):
            yield work(number)

    async def take() -> None:
        answers = iter_ordered(draw(), 4)
        assert await anext(answers) == 0
        if way == "fails":
            with pytest.raises(ServiceError):
                await anext(answers)
        await answers.aclose()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(take())
    assert cancelled == (2 if way == "fails" else 3)


@BOTH
def test_half_an_answer_is_none(make: Any) -> None:
    """An array that breaks off is never taken for a shorter one: it is asked for again, and at last it is an error."""
    body = b"[" + b",".join([b'{"churn":true,"churn_probability":0.75}'] * 3) + b"]"
    whole = write_answer(200, body, **LABEL)
    with run_script(whole[:-1], whole[:-50], whole) as server, make(server.url) as client:
        assert len(list(client.predict_many([RECORD] * 3))) == 3
    assert len(server.asked) == 3
    with (
        run_script(whole[:-1]) as server,
        make(server.url, retries=1) as client,
        pytest.raises(ServiceUnreachableError),
    ):
        list(client.predict_many([RECORD] * 3))


@BOTH
@pytest.mark.parametrize("limits", [{"max_rows": 7}, {"max_body": 6_000}, {}], ids=str)
def test_more_than_the_service_takes_is_halved(tmp_path: Path, path: Path, make: Any, limits: dict[str, int]) -> None:
    """A batch that is too much for a service is asked in halves, and a record that is too large harms no other."""
    records: list[Any] = list(_make_records(50))
    records[20], records[33] = 7, records[33] | {"loyalty": "x" * (2_000_000 if not limits else 8_000)}
    expected = _expect(50)
    expected[20] = "not_an_object"
    with run_server(tmp_path, [path], **limits) as server, make(server.url) as client:
        answers = [_summarise(answer) for answer in client.predict_many(records, batch=50)]
    if "max_rows" not in limits:
        expected[33] = "malformed"
    assert answers == expected


@BOTH
def test_chunks_that_break_off(make: Any) -> None:
    """An answer in chunks without the last one is an error, though what came would be a whole array."""
    said = b"HTTP/1.1 200 OK\r\naugury-model: churn@0123456789ab\r\ncontent-type: application/json\r\n"
    said += b"transfer-encoding: chunked\r\n\r\n2\r\n[]\r\n"
    with run_script(said) as server, make(server.url, retries=0) as client, pytest.raises(ServiceUnreachableError):
        list(client.predict_many([RECORD]))


def test_any_number_in_the_memory_of_a_batch(tmp_path: Path, path: Path) -> None:
    """Ten times as many records take no more memory: it is that of a batch, not of the whole."""
    peaks = []
    with run_server(tmp_path, [path]) as server, augury.Client(server.url) as client:
        for count in (1_000, 1_000, 10_000):  # the first is for what is imported and opened once
            tracemalloc.start()
            assert sum(1 for _ in client.predict_many((RECORD for _ in range(count)), batch=100)) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1]


class Flow:
    """Records that come until they are told to stop, and how many they were."""

    def __init__(self) -> None:
        self.count = 0
        self.may_stop = threading.Event()

    def __iter__(self) -> Iterator[dict[str, object]]:
        while not self.may_stop.is_set():
            for record in _make_records(70):
                self.count += 1
                yield record


def _ask_blocking(url: str, flow: Flow) -> list[float | str]:
    with augury.Client(url, retries=20) as client:
        return [_summarise(answer) for answer in client.predict_many(flow, batch=20)]


def _ask_in_a_loop(url: str, flow: Flow) -> list[float | str]:
    return asyncio.run(_gather(url, flow, 20, 4))


BOTH_WAYS = pytest.mark.parametrize("ask", [_ask_blocking, _ask_in_a_loop], ids=["blocking", "async"])


def _ask_during(ask: Callable[[str, Flow], list[float | str]], url: str, happen: Callable[[], object]) -> None:
    """Let something happen while records flow: each has its answer, in order and to the last bit."""
    flow = Flow()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, url, flow)
        try:
            wait_until(lambda: flow.count > 200 or asked.done())
            happen()
            before = flow.count
            wait_until(lambda: flow.count > before + 200 or asked.done())
        finally:
            flow.may_stop.set()
        answers = asked.result(PATIENCE)
    pattern = _expect(70)
    assert answers == pattern * (flow.count // 70)
    assert len(answers) == flow.count


@BOTH_WAYS
def test_a_rolling_restart_loses_no_record(tmp_path: Path, path: Path, ask: Any) -> None:
    """While SIGHUP replaces every worker, nothing that flows is lost."""
    with run_server(tmp_path, [path], workers=2) as server:
        old = set(server.find_workers())

        def happen() -> None:
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: not old & set(server.find_workers()))

        _ask_during(ask, server.url, happen)


@BOTH_WAYS
def test_a_killed_worker_loses_no_record(tmp_path: Path, path: Path, ask: Any) -> None:
    """While each of two workers is killed and replaced, nothing that flows is lost."""
    with run_server(tmp_path, [path], workers=2) as server:

        def happen() -> None:
            for victim in server.find_workers():
                os.kill(victim, signal.SIGKILL)
                wait_until(
                    lambda victim=victim: victim not in server.find_workers() and len(server.find_workers()) == 2
                )

        _ask_during(ask, server.url, happen)


@BOTH_WAYS
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_stop_and_a_start_lose_no_record(tmp_path: Path, path: Path, ask: Any, how: signal.Signals) -> None:
    """While the service is stopped, or killed, and started again, nothing that flows is lost."""
    with ExitStack() as stack:
        server = stack.enter_context(run_server(tmp_path, [path]))

        def happen() -> None:
            server.stop(how)
            stack.enter_context(run_server(tmp_path, [path], port=server.port))

        _ask_during(ask, server.url, happen)
