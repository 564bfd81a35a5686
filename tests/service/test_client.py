from __future__ import annotations

import asyncio
import datetime as dt
import json
import math
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any, assert_type

import numpy as np
import pandas as pd
import pytest

import augury
from augury.client.question import Question, iter_batches, write_record
from augury.client.reading import Answered
from augury.client.retry import Attempts
from augury.client.served import ServedModel
from augury.client.timeouts import Timeouts
from augury.errors import (
    NoServiceError,
    RecordError,
    ServiceError,
    ServiceFailureError,
    ServiceRefusalError,
    ServiceTimeoutError,
    ServiceUnreachableError,
    UsageError,
)
from augury.model import Model
from augury.prediction import Prediction
from tests.service.driven import ANSWER, LABEL, Driven
from tests.service.models import make_model
from tests.service.running import Running, run_server
from tests.service.scripted import run_script, write_answer
from tests.unit.artifact.documents import make_record

RECORD = dict(make_record())
MODEL: Model = make_model()
STRICT = make_model("strict", unknown_key="refuse")
PROBLEM = {"augury_model": "churn@0123456789ab", "content_type": "application/problem+json", "x_request_id": "r7"}


Make = Callable[..., Any]


@pytest.fixture(params=[augury.Client, Driven], ids=["blocking", "async"])
def make(request: pytest.FixtureRequest) -> Make:
    """Each of the two clients, of which the same is asked."""
    client: Make = request.param
    return client


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server of two models."""
    folder = tmp_path_factory.mktemp("served")
    for model in (MODEL, STRICT):
        model.save(folder / f"{model.name}.augury.json")
    with run_server(folder, [folder / "churn.augury.json", folder / "strict.augury.json"]) as running:
        yield running


def test_a_prediction_is_the_models_own(make: Make, served: Running) -> None:
    """The service's answer to a record is the prediction that the model itself makes, to the last bit."""
    with make(served.url) as client:
        assert client.predict(RECORD) == MODEL.predict_one(RECORD)
        assert client.explain(RECORD) == client.predict(RECORD, explain=True) == MODEL.explain(RECORD)


def test_notes_of_both_places_are_told(make: Make, served: Running) -> None:
    """Notes that the answer holds and notes that its header holds are both the prediction's."""
    with make(served.url) as client:
        prediction = client.predict(RECORD | {"tenure": 80, "loyalty/€": 3})
    assert [(note.code, note.pointer) for note in prediction.notes] == [
        ("range", "/tenure"),
        ("unknown_key", "/loyalty~1€"),
    ]


def test_a_refused_record_has_its_faults(make: Make, served: Running) -> None:
    """A refused record raises what the model raises, fault by fault."""
    wrong = RECORD | {"tenure": "12", "partner": "yess"}
    with make(served.url) as client, pytest.raises(RecordError) as refused:
        client.predict(wrong)
    with pytest.raises(RecordError) as own:
        MODEL.predict_one(wrong)
    assert (refused.value.faults, refused.value.more) == (own.value.faults, own.value.more)


@pytest.mark.parametrize("record", [7, [RECORD], {"a": "\ud800"}, {3: "a"}])
def test_what_is_no_record_is_refused_here(make: Make, record: Any) -> None:
    """What JSON cannot say, or what is no mapping, is refused with its fault before anything is sent."""
    with make("http://127.0.0.1:9") as client, pytest.raises(RecordError):
        client.predict(record)


def test_scalars_of_every_kind(make: Make, served: Running) -> None:
    """NumPy's and pandas' scalars are their values, NaN is null, and a date is refused where it stands."""
    with make(served.url) as client:
        same = {**RECORD, "tenure": np.int64(RECORD["tenure"]), "monthlycharges": np.float64(RECORD["monthlycharges"])}
        assert client.predict(same) == MODEL.predict_one(RECORD)
        for value in (math.nan, None, pd.NA, pd.NaT, np.float32("nan"), math.inf, -math.inf, dt.date(2026, 1, 1), [1]):
            wrong = {**RECORD, "tenure": value}
            with pytest.raises(RecordError) as refused:
                client.predict(wrong)
            with pytest.raises(RecordError) as own:
                MODEL.predict_one(wrong)
            assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [
                (fault.code, fault.pointer) for fault in own.value.faults
            ]


def test_many_records_keep_their_order(make: Make, served: Running) -> None:
    """Records in batches come back in order, refused ones as errors with their faults, notes at their own record."""
    records: list[Any] = [RECORD | {"tenure": float(number % 70)} for number in range(25)]
    records[3], records[11], records[24] = {}, 7, RECORD | {"loyalty": 1}
    with make(served.url) as client:
        answers = list(client.predict_many(records, batch=4))
    assert len(answers) == 25
    for record, answer in zip(records, answers, strict=True):
        if isinstance(answer, RecordError):
            with pytest.raises(RecordError) as own:
                MODEL.predict_one(record)
            assert [fault.code for fault in answer.faults] == [fault.code for fault in own.value.faults]
        else:
            assert answer.probability == MODEL.predict_one(record).probability
    assert [index for index, answer in enumerate(answers) if isinstance(answer, RecordError)] == [3, 11]
    assert [(note.code, note.pointer) for note in answers[24].notes] == [("unknown_key", "/loyalty")]


def test_many_records_with_reasons(make: Make, served: Running) -> None:
    """Reasons are given for many as for one."""
    with make(served.url) as client:
        assert list(client.predict_many([RECORD] * 3, explain=True)) == [MODEL.explain(RECORD)] * 3


def test_none_of_many_can_be_asked(make: Make) -> None:
    """A batch of which nothing can be sent, and no record at all, need no service."""
    with make("http://127.0.0.1:9") as client:
        assert [type(answer) for answer in client.predict_many([7, 8])] == [RecordError, RecordError]  # type: ignore[list-item]
        assert list(client.predict_many([])) == []


def test_batches_are_asked_as_they_are_taken(served: Running) -> None:
    """Records are drawn from an iterator a batch at a time, so that there may be any number of them."""
    drawn: list[int] = []

    def draw() -> Iterator[dict[str, object]]:
        for number in range(1000):
            drawn.append(number)
            yield RECORD

    with augury.Client(served.url) as client:
        next(client.predict_many(draw(), batch=10))
    assert len(drawn) == 10


def test_batches_are_within_the_limit_of_bytes() -> None:
    """Large records make smaller batches, so that none is more than the service takes."""
    large = {"a": "x" * 1_000_000}
    batches = list(iter_batches([large] * 40, 1000))
    assert sum(len(batch.places) for batch in batches) == 40
    assert max(len(batch.write()) for batch in batches) < 16 * 1024 * 1024
    assert len(batches) < 6


@pytest.mark.parametrize("batch", [0, -1, 10_001])
def test_a_batch_that_no_service_takes(make: Make, batch: int) -> None:
    """A batch of none, or of more than an array may hold, is refused before anything is sent."""
    with make("http://127.0.0.1:9") as client, pytest.raises(UsageError):
        client.predict_many([RECORD], batch=batch)


def test_one_of_several_models(make: Make, served: Running) -> None:
    """A client of a named model asks that one, also for its schema."""
    with make(served.url, model="strict") as client:
        with pytest.raises(RecordError, match="loyalty"):
            client.predict(RECORD | {"loyalty": 3})
        assert client.schema()["$id"].startswith("urn:augury:strict:")
    with make(served.url) as client:
        assert client.ping() == f"churn@{MODEL.digest[7:19]}"
        assert client.models() == (
            ServedModel("churn", "churn", MODEL.digest, client.ping(), default=True),
            ServedModel("strict", "churn", STRICT.digest, f"strict@{STRICT.digest[7:19]}", default=False),
        )
        assert client.schema()["$id"].startswith("urn:augury:churn:")


@pytest.mark.parametrize("name", ["nobody", "../ping", "a b", "?x=1"])
def test_a_model_that_is_not_served(make: Make, served: Running, name: str) -> None:
    """A name that the service has not is told as its refusal, whatever characters it has."""
    with make(served.url, model=name) as client, pytest.raises(ServiceError, match=r"no (model|such path)"):
        client.predict(RECORD)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("localhost:9696", {}),
        ("ftp://localhost", {}),
        ("http://", {}),
        ("http://localhost:123456", {}),
        ("http://localhost", {"retries": -1}),
        ("http://localhost", {"timeout": 0}),
        ("http://localhost", {"timeout": math.nan}),
        ("http://localhost", {"timeout": math.inf}),
        ("http://localhost", {"timeout": Timeouts(connect=0)}),
        ("http://localhost", {"timeout": Timeouts(total=-1)}),
    ],
)
def test_arguments_that_cannot_be_honoured(make: Make, url: str, options: dict[str, Any]) -> None:
    """What is no address, and times and numbers that mean nothing, are refused when the client is made."""
    with pytest.raises(UsageError):
        make(url, **options)


def test_a_path_and_headers_of_a_proxy(make: Make) -> None:
    """A service under a path is asked there, with the headers that its proxy wants."""
    with run_script(ANSWER) as server, make(f"{server.url}/a/", headers={"Authorization": "Bearer x"}) as client:
        assert client.predict(RECORD) == Prediction(0.75, True)
    [asked] = server.asked
    assert asked.startswith(b"POST /a/predict HTTP/1.1\r\n")
    assert b"authorization: bearer x\r\n" in asked.lower()
    assert asked.endswith(write_record(RECORD))


def _hang_up(connection: socket.socket) -> None:
    connection.close()


def _drip(connection: socket.socket) -> None:
    """Send an answer that does not end, a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(200):
        try:
            connection.sendall(b"1\r\n \r\n")
        except OSError:  # the client has had enough
            return
        time.sleep(0.02)


def _say_nothing(connection: socket.socket) -> None:
    """Await that the client goes away."""
    connection.settimeout(10)
    connection.recv(1)


BUSY = [
    pytest.param(_hang_up, id="hangs up"),
    *[pytest.param(write_answer(status, b"busy"), id=str(status)) for status in (429, 502, 503, 504)],
]


@pytest.mark.parametrize("busy", BUSY)
def test_what_passes_is_asked_again(make: Make, busy: Any) -> None:
    """After a connection that is cut, and a service that is busy or restarts, the same is asked again."""
    with run_script(busy, busy, ANSWER) as server, make(server.url) as client:
        assert client.predict(RECORD).label
    assert len(server.asked) == 3
    assert len({asked.rpartition(b"\r\n\r\n")[2] for asked in server.asked}) == 1


@pytest.mark.parametrize(
    ("line", "kind", "times"),
    [
        (_hang_up, ServiceUnreachableError, 2),
        (write_answer(429, b"busy"), ServiceRefusalError, 2),
        (write_answer(503, b"<html>"), ServiceFailureError, 2),
        (write_answer(500, b"<html>"), ServiceFailureError, 1),
        (write_answer(401, b"who?"), ServiceRefusalError, 1),
        (write_answer(418, b"tea", **LABEL), ServiceRefusalError, 1),
        (write_answer(404, b"<html>", content_type="text/html"), NoServiceError, 1),
        (write_answer(302, location="http://127.0.0.1:9/"), NoServiceError, 1),
        (write_answer(200, b"hello", content_type="text/plain"), NoServiceError, 1),
        (write_answer(200, b'{"churn":true,"churn_probability":0.75}'), NoServiceError, 1),
        (write_answer(200, b"hello", **LABEL), NoServiceError, 1),
        (write_answer(200, b"\xff", **LABEL), NoServiceError, 1),
        (write_answer(200, b"[]", **LABEL), NoServiceError, 1),
        (write_answer(200, b"{}", **LABEL), NoServiceError, 1),
        (write_answer(200, b'{"churn_probability":0.5,"churn":"no"}', **LABEL), NoServiceError, 1),
        (write_answer(200, b'{"churn_probability":1.5,"churn":true}', **LABEL), NoServiceError, 1),
        (write_answer(200, b"[" * 9_999, **LABEL), NoServiceError, 1),
        (write_answer(422, b"[" * 9_999, **PROBLEM), ServiceRefusalError, 1),
        (ANSWER[:-9], ServiceUnreachableError, 2),
        (write_answer(200, b"x", content_encoding="gzip", **LABEL), NoServiceError, 1),
        (write_answer(422, b"[]", **PROBLEM), ServiceRefusalError, 1),
        (write_answer(422, b"{", **PROBLEM), ServiceRefusalError, 1),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", NoServiceError, 1),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value)[:60],
)
def test_what_is_no_answer(make: Make, line: Any, kind: type[ServiceError], times: int) -> None:
    """Whatever else answers is one sentence with the address, and only what passes was asked again."""
    with run_script(line) as server, make(server.url, retries=1) as client, pytest.raises(ServiceError) as raised:
        client.predict(RECORD)
    assert type(raised.value) is kind
    assert str(raised.value).startswith(f"{server.url}/predict: ")
    assert "\n" not in str(raised.value)
    assert len(server.asked) == times


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"[{}]", b'[{"faults":7}]', b'[{"faults":[{"code":"new","pointer":"","detail":""}]}]']
)
def test_what_is_no_answer_to_many(make: Make, body: bytes) -> None:
    """An array that is shorter than what was asked, or holds what no answer is, is not taken for one."""
    with (
        run_script(write_answer(200, body, **LABEL)) as server,
        make(server.url) as client,
        pytest.raises(NoServiceError),
    ):
        list(client.predict_many([RECORD] * 2))


@pytest.mark.parametrize("verb", ["schema", "models"])
def test_what_is_no_description(make: Make, verb: str) -> None:
    """A contract, or models, that are no object are not taken for such."""
    with (
        run_script(write_answer(200, b"[]", **LABEL)) as server,
        make(server.url) as client,
        pytest.raises(NoServiceError),
    ):
        getattr(client, verb)()


def test_a_refusal_of_the_request_says_why(make: Make) -> None:
    """A problem that is not a record's is told in the service's own words."""
    problem = json.dumps({"type": "urn:augury:problem:too-large", "detail": "it is too large"}).encode()
    with (
        run_script(write_answer(413, problem, **PROBLEM)) as server,
        make(server.url) as client,
        pytest.raises(ServiceRefusalError, match=r"it is too large$"),
    ):
        client.predict(RECORD)


def test_a_service_that_stays_busy_says_why(make: Make) -> None:
    """Where a service has too much to do every time that it is asked, its own words are told."""
    problem = json.dumps({"type": "urn:augury:problem:overloaded", "detail": "there is more to do"}).encode()
    busy = write_answer(503, problem, retry_after="0", **PROBLEM)
    with (
        run_script(busy) as server,
        make(server.url, retries=2) as client,
        pytest.raises(ServiceFailureError, match="cannot answer now: there is more to do; ask later"),
    ):
        client.predict(RECORD)
    assert len(server.asked) == 3


def test_a_failure_names_the_request(make: Make) -> None:
    """Where the service fails, the sentence has the id under which its log has the reason."""
    with (
        run_script(write_answer(500, b"{}", **PROBLEM)) as server,
        make(server.url) as client,
        pytest.raises(ServiceFailureError, match="r7"),
    ):
        client.predict(RECORD)


@pytest.mark.parametrize("slow", [_say_nothing, _drip])
def test_a_slow_service(make: Make, slow: Callable[[socket.socket], None]) -> None:
    """A service that says nothing, and one whose answer does not end, are left after the timeout, and for good."""
    begun = time.monotonic()
    timeout = pytest.raises(ServiceTimeoutError, match=r"within 0\.3 seconds")
    with run_script(slow) as server, make(server.url, timeout=0.3) as client, timeout:
        client.predict(RECORD)
    assert len(server.asked) == 1
    assert time.monotonic() - begun < 5


def test_nobody_listens(make: Make) -> None:
    """Where nothing listens, the sentence says that there is no connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with make(f"http://127.0.0.1:{port}", retries=1) as client, pytest.raises(ServiceUnreachableError, match="no conn"):
        client.predict(RECORD)


def test_a_service_that_dies_and_comes_back(tmp_path: Path) -> None:
    """A client rides out a restart: what it asks while nobody listens is answered once somebody does."""
    MODEL.save(tmp_path / "churn.augury.json")
    with run_server(tmp_path, [tmp_path / "churn.augury.json"]) as first:
        client = augury.Client(first.url, retries=8)
        assert client.predict(RECORD) == MODEL.predict_one(RECORD)
        first.stop(signal.SIGKILL)
    asked: list[Prediction] = []
    thread = threading.Thread(target=lambda: asked.append(client.predict(RECORD)))
    thread.start()
    with run_server(tmp_path, [tmp_path / "churn.augury.json"], port=first.port):
        thread.join(20)
        client.close()
    assert asked == [MODEL.predict_one(RECORD)]


def _answered(status: int, **headers: str) -> Answered:
    return Answered(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"", "http://here")


def test_waits_grow_and_are_not_shared() -> None:
    """Each wait is between half and all of twice the one before, up to two seconds, and two clients differ."""
    attempts = [Attempts(8, Random(seed), lambda: 0.0, 60.0) for seed in (1, 2)]
    waits = [[each.find_wait(_answered(503)) or 0.0 for _ in range(8)] for each in attempts]
    for wait, most in zip(waits[0], (0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0), strict=True):
        assert most / 2 <= wait <= most
    assert waits[0] != waits[1]
    assert [each.find_wait(_answered(503)) for each in attempts] == [None, None]


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("2", 2.05, 2.1),
        (format_datetime(dt.datetime.fromtimestamp(1005, dt.UTC), usegmt=True), 5.05, 5.1),
        (format_datetime(dt.datetime.fromtimestamp(900, dt.UTC), usegmt=True), 0.05, 0.1),
        ("soon", 0.05, 0.1),
        ("Mon, 01 Jan 101 00:00:00 -0000", 0.05, 0.1),
    ],
)
def test_a_server_that_says_when(said: str, low: float, high: float) -> None:
    """Retry-After, in seconds or as a date, is waited for, and then a little so that not all come at once."""
    wait = Attempts(1, Random(1), lambda: 1000.0, 60.0).find_wait(_answered(429, retry_after=said))
    assert wait is not None
    assert low <= wait <= high


@pytest.mark.parametrize("said", ["31", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_server_that_says_too_late(said: str) -> None:
    """Half a minute is the most that a server is waited for; its answer stands then."""
    assert Attempts(3, Random(1), lambda: 0.0, 60.0).find_wait(_answered(503, retry_after=said)) is None


@pytest.mark.parametrize("status", [200, 400, 404, 413, 422, 500, 501])
def test_what_stays_is_not_asked_again(status: int) -> None:
    """What would be answered alike the next time is asked once."""
    assert Attempts(3, Random(1), lambda: 0.0, 60.0).find_wait(_answered(status)) is None


def test_types(served: Running) -> None:
    """A client answers in the types of a model, for a type checker too."""
    with augury.Client(served.url) as client:
        assert_type(client, augury.Client)
        assert_type(client.predict(RECORD), Prediction)
        assert_type(client.explain(RECORD), augury.Prediction)
        assert_type(client.predict_many([RECORD]), Iterator[Prediction | RecordError])
        assert_type(client.ping(), str)
        assert_type(client.models(), tuple[ServedModel, ...])
        assert_type(client.within(request_id="r1"), augury.Client)
        assert_type(client.schema(), dict[str, Any])

    async def ask() -> None:
        async with augury.AsyncClient(served.url) as client:
            assert_type(await client.predict(RECORD), Prediction)
            assert_type(client.predict_many([RECORD]), AsyncIterator[Prediction | RecordError])

    asyncio.run(ask())


def test_a_client_for_several_threads(served: Running) -> None:
    """One client may be asked from several threads at once."""
    answers: list[Prediction] = []
    with augury.Client(served.url) as client:
        threads = [threading.Thread(target=lambda: answers.append(client.predict(RECORD))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert answers == [MODEL.predict_one(RECORD)] * 8


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where httpx2 is not installed, the sentence says what to install."""
    monkeypatch.setattr("augury.client.opening.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"augury\[client\]"):
        augury.Client("http://localhost:9696")


def test_a_question_is_what_is_sent() -> None:
    """A question is a value: two that ask the same are equal."""
    assert Question("GET", "/ping") == Question("GET", "/ping", None)
