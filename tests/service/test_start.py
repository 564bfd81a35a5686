from __future__ import annotations

import errno
import json
import shlex
import socket
from typing import Any

import pytest

from augury.errors import UsageError
from augury.model import Model
from augury.service.models import find_label
from augury.service.process import sockets
from augury.service.process.greeting import Serving, greet, greet_machine
from augury.service.settings import Settings
from tests.service.models import make_model


def test_settings_by_default() -> None:
    """By default the service listens on the lab's port, for this machine alone."""
    assert (Settings().host, Settings().port, Settings().workers) == ("127.0.0.1", 9696, 1)


@pytest.mark.parametrize(
    ("wrong", "option"),
    [({"port": -1}, "--port"), ({"port": 65_536}, "--port"), ({"workers": 0}, "--workers"), ({"host": ""}, "--host")],
)
def test_settings_that_cannot_be_honoured(wrong: dict[str, Any], option: str) -> None:
    """A setting that cannot be honoured is refused by the name of its option."""
    with pytest.raises(UsageError) as refused:
        Settings(**wrong)
    assert refused.value.where == option
    assert refused.value.mend


def test_a_privileged_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that only the administrator may take is one sentence that names another."""

    class Forbidden(socket.socket):
        def bind(self, _address: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(sockets.socket, "socket", Forbidden)
    with pytest.raises(UsageError, match="port 80 is not open to this user; choose one from 1024 upwards"):
        sockets.open_socket("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["no such host", "256.1.1.1", "192.0.2.1", "a\0b", "x" * 300, "é" * 70])
def test_a_host_that_is_not_ours(host: str) -> None:
    """An address that this machine has not is one short sentence, with the way out."""
    with pytest.raises(UsageError, match="say 127") as refused:
        sockets.open_socket(host, 0)
    assert refused.value.where == "--host"
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://localhost:"), ("localhost", "http://localhost:")],
)
def test_an_address_for_a_person(host: str, url: str) -> None:
    """The address that is told can be opened in a browser, whatever is listened on."""
    with sockets.open_socket(host, 0) as listener:
        assert sockets.find_url(host, listener) == f"{url}{listener.getsockname()[1]}"


def test_an_address_of_version_six() -> None:
    """An IPv6 address stands in brackets."""
    with sockets.open_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert sockets.find_url("::1", listener) == f"http://[::1]:{port}"
        assert sockets.find_url("::", listener) == f"http://localhost:{port}"


def test_the_greeting_for_a_person(model: Model) -> None:
    """A person is told the model, that its golden rows agree, the page, a curl to paste, and how to serve one's own."""
    said = greet(Serving("http://127.0.0.1:1234", [model], 1))
    assert f"{find_label(model)}  all 2 golden rows agree, bit for bit" in said
    assert "http://127.0.0.1:1234/\n" in said
    assert "augury serve own.augury.json" in said
    assert max(len(line) for line in said.splitlines() if "curl" not in line) <= 80
    [line] = [line for line in said.splitlines() if "curl" in line]
    words = shlex.split(line)
    assert words[1:] == [
        "curl",
        "-H",
        "Content-Type: application/json",
        "http://127.0.0.1:1234/predict",
        "-d",
        words[-1],
    ]
    assert json.loads(words[-1]) == dict(model.examples[0])
    assert model.answer_fast(words[-1].encode())


def test_the_greeting_lists_every_model(model: Model) -> None:
    """Several models are listed under each other, the one of the bare routes first."""
    said = greet(Serving("http://h", [model, make_model("a-second-one")], 2)).splitlines()
    assert [line.split()[-9] for line in said[2:4]] == [find_label(model), find_label(make_model("a-second-one"))]
    assert said[2].index("all") == said[3].index("all")


def test_the_greeting_for_a_machine(model: Model) -> None:
    """A machine is told the same in one line of JSON."""
    said = greet_machine(Serving("http://127.0.0.1:1234", [model], 2))
    assert "\n" not in said
    told = json.loads(said)
    assert (told["event"], told["url"], told["workers"]) == ("serving", "http://127.0.0.1:1234", 2)
    assert told["models"] == [{"model": find_label(model), "digest": model.digest, "golden_rows": 2}]
