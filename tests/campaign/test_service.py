from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from augury import Prediction, RecordError
from augury.errors import ServiceFailureError
from campaign.errors import TryLaterError
from campaign.plan import make_plan
from campaign.settings import read_settings
from make_customers import Record
from tests.campaign.mail import MailServer
from tests.campaign.scene import EXAMPLE, LATER, Scene

Serve = Callable[[int], AbstractContextManager[str]]


@contextmanager
def run_web_server(status: int, *, answers: bool = True) -> Iterator[str]:
    """A web server that answers everything with one status, or lets everybody wait until the test is over."""
    over = threading.Event()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not answers:
                over.wait(30)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the name is http.server's

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            over.set()
            server.shutdown()
            thread.join()


def assert_nothing_is_done(scene: Scene, mail: MailServer, said: str) -> None:
    """Without a service a run plans nothing, mails nobody, and says so with the status that means later."""
    result = scene.run()
    assert result.exit_code == LATER
    assert said in result.stderr
    assert mail.door.connections == 0
    assert scene.execute("SELECT * FROM campaigns") == []


@pytest.mark.parametrize(
    ("status", "said"), [(503, "status 503"), (401, "is closed to this client"), (200, "no Augury")]
)
def test_a_service_that_does_not_answer_leaves_nothing_done(
    scene: Scene, mail: MailServer, status: int, said: str
) -> None:
    """Busy, closed, or something else altogether: nothing is planned or sent, and a later run does all of it."""
    service = scene.service
    with run_web_server(status) as scene.service:
        assert_nothing_is_done(scene, mail, said)
    scene.service = service
    assert scene.run().exit_code == 0
    assert mail.door.received > 0


def test_an_absent_service_leaves_nothing_done(scene: Scene, mail: MailServer) -> None:
    """Where nothing listens the sentence says so."""
    scene.service = "http://127.0.0.1:1"
    assert_nothing_is_done(scene, mail, "there is no connection to the service")


def test_a_slow_service_is_given_up_after_the_patience_that_is_set(scene: Scene, mail: MailServer) -> None:
    """A service that never answers is not waited for longer than the settings say."""
    scene.change({"patience = 20 ": "patience = 0.3 "})
    with run_web_server(200, answers=False) as scene.service:
        assert_nothing_is_done(scene, mail, "did not answer within 0.3 seconds")


def test_a_plan_that_is_made_needs_no_service(scene: Scene, mail: MailServer) -> None:
    """Who was chosen stays chosen: the rest is sent while the service is away."""
    port, mail.port = mail.port, 1
    assert scene.run().exit_code == LATER
    mail.port, scene.service = port, "http://127.0.0.1:1"
    assert scene.run().exit_code == 0
    assert set(scene.states().values()) == {"sent"}


class Changing:
    """A service whose model is replaced between two questions, or that fails in the middle of the records."""

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails
        self._pings = 0

    def ping(self) -> str:
        """Answer as another model each time."""
        self._pings += 1
        return f"churn@{self._pings}"

    def predict_many(
        self, records: Iterator[Record], *, batch: int, explain: bool
    ) -> Iterator[Prediction | RecordError]:
        """Answer one in two the same probability, and fail, where it fails, on the second."""
        assert batch > 0
        assert explain
        for number, _ in enumerate(records):
            if self._fails and number:
                raise ServiceFailureError("the service failed with status 500")
            yield Prediction(0.5, label=True)


def test_a_model_that_is_replaced_meanwhile_makes_no_plan(scene: Scene) -> None:
    """A plan comes from one model; where another took its place while it was asked, there is none."""
    settings = read_settings(EXAMPLE / "campaign.toml")
    with pytest.raises(TryLaterError, match="model was replaced"):
        make_plan([], Changing(), settings)  # type: ignore[arg-type]  # a service of the test's own
    assert scene.execute("SELECT * FROM campaigns") == []


def test_a_service_that_fails_half_way_makes_no_plan(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that there were are not half a plan."""

    @contextmanager
    def open_client(*args: object, **options: object) -> Iterator[Changing]:
        assert args
        assert options
        yield Changing(fails=True)

    monkeypatch.setattr("campaign.__main__.Client", open_client)
    result = scene.run()
    assert result.exit_code == LATER
    assert "status 500" in result.stderr
    assert scene.execute("SELECT * FROM decisions") == []


def test_a_database_that_is_away_is_told_without_its_password(scene: Scene, tmp_path: Path) -> None:
    """The sentence names what went wrong, and neither user nor password."""
    scene.database = f"postgresql+psycopg://ann:secret@/db?host={tmp_path}"
    result = scene.run()
    assert result.exit_code == LATER
    assert "later: the database cannot be opened (OperationalError)" in result.stderr
    assert "secret" not in result.stderr


def test_an_address_that_is_no_database_is_refused(scene: Scene) -> None:
    """An unknown kind of database is a mistake, not something that passes."""
    scene.database = "customers.csv"
    result = scene.run()
    assert result.exit_code == 1
    assert "this database cannot be opened" in result.stderr
