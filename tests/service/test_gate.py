from __future__ import annotations

import base64
import hashlib
import http.client
import os
import signal
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from augury.errors import UsageError
from augury.model import Model
from augury.service.app import create_app
from augury.service.gate.gate import OPEN_PATHS, Gate
from augury.service.gate.keys import ApiKey, make_key, read_key_file
from augury.service.problems import Refusal
from augury.service.settings import Settings
from tests.service.asking import JSON, ask
from tests.service.running import PATIENCE, run_server

KEY = "augury_" + "k" * 43
HASH = hashlib.sha256(KEY.encode()).hexdigest()
OTHER = "another-key-of-the-same-kind-0123456789"
KEYS = (ApiKey("billing", HASH), ApiKey("web", hashlib.sha256(OTHER.encode()).hexdigest()))

Headers = list[tuple[bytes, bytes]]


@pytest.fixture(scope="module")
def guarded(model: Model) -> Starlette:
    """The application that asks for a key."""
    return create_app([model], settings=Settings(api_keys=KEYS))


def _sent(*headers: tuple[str, str]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers]


def _iter_requests(app: Starlette) -> list[tuple[str, str]]:
    """Each route of the table with each method, and paths that are none."""
    paths = [route.path.replace("{name}", "churn") for route in app.routes]  # type: ignore[attr-defined]
    assert len(paths) > 10
    paths += ["/nothing", "/predict/", "//predict", "/livez/", "/LIVEZ", "/livez/../predict", "/models/nobody", "", "*"]
    return [(method, path) for path in paths for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT")]


def test_every_route_asks_for_the_key(guarded: Starlette, model: Model, body: bytes) -> None:
    """Without a key each route but the probes, and each path that is none, is the same 401 in its form."""
    told: dict[bool, set[tuple[Any, ...]]] = {False: set(), True: set()}
    for method, path in _iter_requests(guarded):
        if path not in OPEN_PATHS:
            answer = ask(guarded, method, path, body, JSON | {"x-request-id": "same"})
            kind = (answer.status, answer.header("www-authenticate"), answer.header("augury-model"), answer.body)
            told[path.startswith("/v2")].add(kind)
    for is_v2, answers in told.items():
        [(status, challenge, label, content)] = answers
        assert (status, challenge, label) == (401, 'Bearer realm="augury"', None)
        assert b'"type":"urn:augury:problem:unauthorized"' in content
        assert (b'"error":' in content) == is_v2
        assert model.digest[7:19].encode() not in content


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/ping"])
def test_a_probe_needs_no_key(guarded: Starlette, path: str) -> None:
    """A probe is answered without a key, and is not told which model is served."""
    answer = ask(guarded, "GET", path)
    assert (answer.status, answer.header("augury-model")) == (200, None)
    assert answer.header("x-request-id") is not None


@pytest.mark.parametrize(
    "headers",
    [
        [("x-api-key", KEY)],
        [("x-api-key", OTHER)],
        [("authorization", f"Bearer {KEY}")],
        [("authorization", f"bearer  {KEY}")],
        [("x-api-key", KEY), ("authorization", "Basic dXNlcjpwYXNz")],
        [("x-api-key", KEY), ("authorization", "Bearer of.a.proxy")],
        [("x-api-key", KEY), ("authorization", f"Bearer {OTHER}")],
    ],
)
def test_a_key_opens(guarded: Starlette, model: Model, body: bytes, headers: Sequence[tuple[str, str]]) -> None:
    """A key is taken from either header, whatever a proxy left of another scheme, and the answer is as ever."""
    answer = ask(guarded, "POST", "/predict", body, _sent(("content-type", "application/json"), *headers))
    assert (answer.status, answer.header("augury-model")) == (200, f"churn@{model.digest[7:19]}")
    assert ask(guarded, "GET", "/nothing", headers=_sent(*headers)).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        [("x-api-key", "")],
        [("x-api-key", KEY[:-1])],
        [("x-api-key", KEY + "k")],
        [("x-api-key", KEY.upper())],
        [("x-api-key", f" {KEY}")],
        [("x-api-key", f"Bearer {KEY}")],
        [("x-api-key", HASH)],
        [("x-api-key", f"billing:sha256:{HASH}")],
        [("x-api-key", "billing")],
        [("x-api-key", "k" * 100_000)],
        [("x-api-key", "\xff" * 50)],
        [("x-api-key", f"{KEY}, {KEY}")],
        [("x-api-key", KEY), ("x-api-key", KEY)],
        [("x-api-key", ""), ("authorization", f"Bearer {KEY}")],
        [("x-api-key", KEY[:-1]), ("authorization", f"Bearer {KEY}")],
        [("authorization", KEY)],
        [("authorization", "Bearer")],
        [("authorization", f"Bearer {KEY} {KEY}")],
        [("authorization", f"Basic {KEY}")],
        [("authorization", f"Bearer{KEY}")],
        [("authorization", f"Bearer {KEY}"), ("authorization", f"Bearer {KEY}")],
        [("cookie", f"x-api-key={KEY}")],
        [("api-key", KEY)],
    ],
)
def test_another_key_does_not(guarded: Starlette, body: bytes, headers: Sequence[tuple[str, str]]) -> None:
    """A wrong, malformed or repeated key is answered exactly as none is, and is not repeated."""
    without = ask(guarded, "POST", "/predict", body, _sent(("x-request-id", "same")))
    answer = ask(guarded, "POST", "/predict", body, _sent(("x-request-id", "same"), *headers))
    assert without.status == 401
    assert (answer.status, answer.headers, answer.body) == (without.status, without.headers, without.body)


def test_a_browser_asks_its_person(guarded: Starlette, body: bytes) -> None:
    """A page is refused so that a browser asks for the key, and takes it as the password of any name."""
    asked = ask(guarded, "GET", "/", headers=_sent(("accept", "text/html,*/*;q=0.8")))
    assert (asked.status, (asked.header("www-authenticate") or "").partition(" ")[0]) == (401, "Basic")
    typed = base64.b64encode(b"anybody:" + KEY.encode()).decode()
    assert ask(guarded, "GET", "/", headers=_sent(("authorization", f"Basic {typed}"))).status == 200
    assert ask(guarded, "POST", "/predict", body, _sent(("authorization", f"basic {typed}"))).status == 200
    for wrong in ("", "====", "YW55Ym9keQ==", base64.b64encode(KEY.encode()).decode(), f"{typed}, {typed}"):
        assert ask(guarded, "GET", "/", headers=_sent(("authorization", f"Basic {wrong}"))).status == 401


def test_a_proxys_password_is_not_ours(guarded: Starlette, body: bytes) -> None:
    """A password that a proxy asked for stands in nobody's way when a key is sent beside it."""
    typed = base64.b64encode(b"anybody:secret").decode()
    headers = _sent(("authorization", f"Basic {typed}"), ("x-api-key", KEY))
    assert ask(guarded, "POST", "/predict", body, headers).status == 200


def test_a_key_in_the_query_is_none(guarded: Starlette, body: bytes) -> None:
    """A key is not read from the address, which proxies log."""
    assert ask(guarded, "POST", "/predict", body, query=f"api_key={KEY}&x-api-key={KEY}").status == 401


def test_a_short_key_never_opens() -> None:
    """A password that somebody hashed by hand is no key, because it could be guessed."""
    gate = Gate([ApiKey("weak", hashlib.sha256(b"password").hexdigest())])
    with pytest.raises(Refusal):
        gate.check("/predict", [(b"x-api-key", b"password")])


def test_the_gate_names_the_caller() -> None:
    """What the gate returns is the name of the key, wherever it stands among the others."""
    gate = Gate(KEYS)
    assert [gate.check("/predict", [(b"x-api-key", key.encode())]) for key in (KEY, OTHER)] == ["billing", "web"]
    assert (gate.is_open, gate.asks_key) == (False, True)


def test_without_keys_nothing_is_asked(app: Starlette, body: bytes) -> None:
    """Without keys everybody may ask, and a header of that name is no fault."""
    assert (Gate().is_open, Gate().asks_key) == (True, False)
    assert ask(app, "POST", "/predict", body, JSON | {"x-api-key": "anything"}).status == 200


def test_a_made_key_opens(tmp_path: Path) -> None:
    """The line that is made with a key lets it in, and the key has 256 random bits."""
    key, line = make_key("billing")
    (tmp_path / "keys").write_text(f"# ours\r\n\r\n  {line}\r\n")
    [read] = read_key_file(tmp_path / "keys")
    assert Gate([read]).check("/predict", [(b"x-api-key", key.encode())]) == "billing"
    assert len(key) == len("augury_") + 43
    assert make_key("billing")[0] != key


def test_a_key_is_not_shown() -> None:
    """Whoever prints the settings sees whose keys there are, and stars."""
    shown = repr(Settings(api_keys=KEYS))
    assert "ApiKey('billing', ***)" in shown
    assert HASH not in shown


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "there is no key"),
        (b"# billing:sha256:" + HASH.encode() + b"\n\n", "there is no key"),
        (b"\n" + KEY.encode(), "line 2: this is no key's name and hash"),
        (b"billing:" + KEY.encode(), "line 1: this is no key's name and hash"),
        (b"billing:md5:" + HASH.encode(), "line 1: this is no key's name and hash"),
        (b"billing:sha256:" + KEY.encode(), "line 1: the hash is not 64 hexadecimal digits"),
        (b"billing:sha256:" + HASH.upper().encode(), "line 1: the hash is not 64 hexadecimal digits"),
        (b"billing:sha256:" + HASH.encode() + b" # mine", "line 1: the hash is not 64 hexadecimal digits"),
        (b":sha256:" + HASH.encode(), "line 1: a key cannot be named so"),
        (b"a b:sha256:" + HASH.encode(), "line 1: a key cannot be named so"),
        (b"\xff\xfe:sha256:" + HASH.encode(), "line 1: a key cannot be named so"),
        (b"x" * 65 + b":sha256:" + HASH.encode(), "line 1: a key cannot be named so"),
        (f"a:sha256:{HASH}\na:sha256:{'0' * 64}".encode(), "line 2: this name stands above already"),
        (f"a:sha256:{HASH}\nb:sha256:{HASH}".encode(), "line 2: this key, under another name, stands above already"),
        ("\n".join(f"k{n}:sha256:{n:064x}" for n in range(1001)).encode(), "there are 1,001 keys, more than 1,000"),
        (b"#" * (1024 * 1024 + 1), "the file is larger than 1,048,576 bytes"),
    ],
)
def test_a_file_that_cannot_be_honoured(tmp_path: Path, content: bytes, sentence: str) -> None:
    """A file without a key, or with a line that is none, is one sentence that names the line and shows no key."""
    (tmp_path / "keys").write_bytes(content)
    with pytest.raises(UsageError, match=sentence) as refused:
        read_key_file(tmp_path / "keys")
    assert KEY not in str(refused.value)
    assert refused.value.mend


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is one sentence."""
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(UsageError, match="the file cannot be read"):
            read_key_file(path)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX files say who may write")
def test_a_file_that_anybody_may_write(tmp_path: Path) -> None:
    """A file to which everybody may add a key guards nothing."""
    path = tmp_path / "keys"
    path.write_text(f"billing:sha256:{HASH}")
    path.chmod(0o644)
    assert read_key_file(path) == KEYS[:1]
    path.chmod(0o646)
    with pytest.raises(UsageError, match="everybody on this machine may add a key"):
        read_key_file(path)
    assert path.stat().st_mode & stat.S_IWOTH


@pytest.mark.parametrize(
    "settings",
    [
        {"api_keys": [ApiKey("billing", KEY)]},
        {"api_keys": [ApiKey("a b", HASH)]},
        {"api_keys": [ApiKey("a", HASH), ApiKey("a", "0" * 64)]},
        {"allow_host": ["a b"]},
    ],
)
def test_settings_that_cannot_be_honoured(settings: dict[str, Any]) -> None:
    """What cannot guard is refused with the settings, however they are made."""
    with pytest.raises(UsageError):
        Settings(**settings)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("predict.example.org", "predict.example.org"),
        ("predict.example.org", "Predict.Example.ORG:8080"),
        ("Predict.example.org", "predict.example.org."),
        ("*.example.org", "a.example.org"),
        ("*.example.org", "a.b.example.org:1"),
        ("10.0.0.1", "10.0.0.1:9696"),
        ("[::1]", "[::1]:9696"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("model_server", "model_server:9696"),
    ],
)
def test_a_host_that_is_allowed(allowed: str, host: str) -> None:
    """A name is allowed whatever its case, its port, or the dot at its end."""
    assert Gate(hosts=[allowed]).check("/predict", [(b"host", host.encode())]) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.org",
        ".example.org",
        "a..example.org",
        "evil-example.org",
        "predict.example.org.evil.test",
        "predict.example.org@evil.test",
        "predict.example.org:80:80",
        "predict.example.org:http",
        "predict.example.org/",
        "predict.example.org, evil.test",
        "evil.test#a.example.org",
        " a.example.org",
        "a\xe9.example.org",
        "a." * 200 + "example.org",
        "[::1]",
        "127.0.0.1",
    ],
)
def test_a_host_that_is_not_allowed(host: str) -> None:
    """Any other name, and what only looks like one that is allowed, is refused."""
    gate = Gate(hosts=["*.example.org"])
    with pytest.raises(Refusal, match="misdirected"):
        gate.check("/predict", [(b"host", host.encode("latin-1"))])


@pytest.mark.parametrize("headers", [[], [(b"host", b"a.test"), (b"host", b"a.test")]])
def test_one_host_is_wanted(headers: Headers) -> None:
    """A request that names no host, or two, is not asked under an allowed one."""
    with pytest.raises(Refusal, match="misdirected"):
        Gate(hosts=["a.test"]).check("/predict", headers)


@pytest.mark.parametrize(
    "allowed", ["", "*", "*.", "a.*.org", "*a.org", "http://a.org", "a.org:80", "é.org", "::1", "[x]"]
)
def test_a_name_that_is_no_host(allowed: str) -> None:
    """What is no name of a host is refused at the start: it would allow nobody, or everybody."""
    with pytest.raises(UsageError, match="is no name of a host"):
        Gate(hosts=[allowed])


def test_a_host_is_refused_as_a_problem(model: Model, body: bytes) -> None:
    """A request under another name is a 421 that does not repeat it; a probe, which asks by address, is answered."""
    app = create_app([model], settings=Settings(allow_host=["churn.test"], api_keys=KEYS))
    sent = _sent(("content-type", "application/json"), ("x-api-key", KEY))
    answer = ask(app, "POST", "/predict", body, [*sent, (b"host", b"evil.test")])
    assert (answer.status, answer.json()["type"]) == (421, "urn:augury:problem:misdirected")
    assert b"evil" not in answer.body
    assert ask(app, "POST", "/predict", body, [*sent, (b"host", b"churn.test:80")]).status == 200
    assert ask(app, "GET", "/livez", headers=[(b"host", b"10.1.2.3:9696")]).status == 200


@pytest.mark.parametrize("fast_lane", [True, False])
def test_a_real_server_asks_for_the_key(tmp_path: Path, model: Model, body: bytes, fast_lane: bool) -> None:
    """On one connection each request shows its own key, whichever way it is answered, and the log names the caller."""
    model.save(tmp_path / "churn.augury.json")
    keys = msgspec.to_builtins(KEYS)
    sent = [KEY, None, KEY, KEY[:-1], OTHER, OTHER, "", None]
    with run_server(tmp_path, [tmp_path / "churn.augury.json"], api_keys=keys, fast_lane=fast_lane) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        statuses, labels = [], []
        for key in sent:
            shown = {} if key is None else {"X-API-Key": key}
            connection.request("POST", "/predict", body, {"Content-Type": "application/json", **shown})
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
            labels.append(response.getheader("Augury-Model") is not None)
        connection.close()
        server.stop(signal.SIGTERM)
        lines = server.read_log()
    assert statuses == [200 if key in (KEY, OTHER) else 401 for key in sent]
    assert labels == [status == 200 for status in statuses]
    assert [line["status"] for line in lines] == statuses
    names = {KEY: "billing", OTHER: "web"}
    assert [line.get("key") for line in lines] == [names.get(key or "") for key in sent]


def test_a_head_that_cannot_be_read_tells_no_stranger(tmp_path: Path, model: Model) -> None:
    """What the edge refuses before anybody shows a key does not say which model is served."""
    model.save(tmp_path / "churn.augury.json")
    with run_server(tmp_path, [tmp_path / "churn.augury.json"], api_keys=msgspec.to_builtins(KEYS)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("GET", "/livez", headers={"X-Long": "x" * 20_000})
        response = connection.getresponse()
        assert (response.status, response.getheader("Augury-Model")) == (431, None)
        connection.close()
