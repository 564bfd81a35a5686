"""Whether nginx takes the site, and real requests come through it to a real service and back."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec import Struct

from augury.api import find_bundled, load_bundled
from tests.service.running import PATIENCE, Running, run_server
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part
from tests.unit.bundle.judges import find_judge, find_ports, lay_out

SITE = "churn-prediction.example.org"
# What a machine's own configuration is around a site; everything is written into the test's folder.
AROUND = """\
daemon off;
worker_processes 1;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
"""


class Front(Struct):
    """A running nginx: its ports, and what trusts its certificate."""

    secure: int
    plain: int
    trust: ssl.SSLContext

    def connect(self) -> http.client.HTTPConnection:
        """A connection over TLS, to the name that the certificate is for."""
        connection = http.client.HTTPConnection(SITE, timeout=PATIENCE)
        raw = socket.create_connection(("127.0.0.1", self.secure), timeout=PATIENCE)
        connection.sock = self.trust.wrap_socket(raw, server_hostname=SITE)
        return connection

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """Ask once over TLS."""
        connection = self.connect()
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def make_site(folder: Path, name: str = "churn", upstream: int = 9696) -> tuple[int, int]:
    """The site as it is written, but for what is to be filled in and ports that a test may have."""
    secure, plain = find_ports(2)
    ((path, site),) = write_part("nginx", make_deployment(name)).items()
    certificate, key = f"/etc/ssl/certs/{Path(path).stem}.pem", f"/etc/ssl/private/{Path(path).stem}.key"
    filled = {
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "127.0.0.1:9696": f"127.0.0.1:{upstream}",
        certificate: str(folder / "tls.crt"),
        key: str(folder / "tls.key"),
    }
    for of, to in filled.items():
        assert of in site
        site = site.replace(of, to)
    # Not every machine that tests has IPv6.
    site, others = re.subn(r" *listen \[::\]:(?:80|443 ssl);\n", "", site)
    assert others == 2
    lay_out(folder, {"site.conf": site, "nginx.conf": AROUND})
    make_certificate(folder)
    return secure, plain


def make_certificate(folder: Path) -> None:
    """A certificate of the site's name, made by itself."""
    asked = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    named = ["-subj", f"/CN={SITE}", "-addext", f"subjectAltName=DNS:{SITE}"]
    written = ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run([find_judge("openssl"), *asked, *named, *written], check=True, capture_output=True, timeout=60)


def find_command(folder: Path) -> list[str]:
    """The command of nginx in a folder; without a path of root's it is often not in the path of others."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    return [nginx, "-e", "stderr", "-p", str(folder), "-c", "nginx.conf"]


def is_listening(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def run_front(folder: Path, upstream: int) -> Iterator[Front]:
    """Run nginx before a service, and end it at last."""
    secure, plain = make_site(folder, upstream=upstream)
    with (folder / "nginx.log").open("w") as log:
        process = subprocess.Popen(find_command(folder), stderr=log)
    try:
        until = monotonic() + PATIENCE
        while not is_listening(secure) and monotonic() < until:
            assert process.poll() is None, (folder / "nginx.log").read_text()
            sleep(0.02)
        yield Front(secure, plain, ssl.create_default_context(cafile=folder / "tls.crt"))
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of the model that comes with Augury."""
    with run_server(tmp_path_factory.mktemp("served"), [Path(find_bundled())]) as running:
        yield running


@pytest.fixture(scope="module")
def front(served: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The site before it."""
    with run_front(tmp_path_factory.mktemp("front"), served.port) as running:
        yield running


@pytest.fixture(scope="module")
def record() -> bytes:
    """A record of that model."""
    return json.dumps(load_bundled().examples[0]).encode()


@pytest.mark.parametrize("name", NAMES)
def test_nginx_takes_it(name: str, tmp_path: Path) -> None:
    """There is nothing that nginx refuses or warns of, under any name of a model."""
    make_site(tmp_path, name)
    judged = subprocess.run([*find_command(tmp_path), "-t", "-q"], capture_output=True, check=False, timeout=60)
    assert (judged.returncode, judged.stderr.decode()) == (0, "")


def test_a_record_is_answered(served: Running, front: Front, record: bytes) -> None:
    """What comes back through nginx is what the service itself says, under a request id of nginx's making."""
    direct = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    direct.request("POST", "/predict", record, {"Content-Type": "application/json"})
    connection = front.connect()
    connection.request("POST", "/predict", record, {"Content-Type": "application/json", "X-Request-Id": "mine"})
    said = connection.getresponse()
    assert (said.status, said.read()) == (200, direct.getresponse().read())
    assert re.fullmatch(r"[0-9a-f]{32}", said.headers["X-Request-Id"])
    assert "max-age" in said.headers["Strict-Transport-Security"]
    connection.close()
    direct.close()


def test_a_stream_is_answered_while_it_is_sent(front: Front, record: bytes) -> None:
    """Each line has its answer before the next is sent: nothing on the way waits for more."""
    connection = front.connect()
    connection.putrequest("POST", "/predict")
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    line = record + b"\n"
    connection.send(b"%x\r\n%b\r\n" % (len(line), line))
    answer = connection.getresponse()
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    first = answer.readline()
    connection.send(b"%x\r\n%b\r\n" % (len(line), line))
    assert answer.readline() == first
    connection.send(b"0\r\n\r\n")
    assert answer.read() == b""
    assert "churn_probability" in json.loads(first)
    connection.close()


def test_a_large_array_comes_through(front: Front, record: bytes) -> None:
    """An array of several megabytes is answered, and one beyond the service's bound is refused in its own words."""
    rows = 2_000_000 // len(record)
    status, body = front.ask("POST", "/predict", b"[" + b",".join([record] * rows) + b"]")
    assert status == 200
    assert len(json.loads(body)) == rows
    status, body = front.ask("POST", "/predict", b" " * 17_000_000)
    assert status == 413
    assert json.loads(body)["status"] == 413


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/a/../metrics", "/metrics?a=b"])
def test_metrics_are_not_shown_outside(served: Running, front: Front, path: str) -> None:
    """However its path is written, what the service counts is asked of the service alone."""
    status, body = front.ask("GET", path)
    assert status == 404
    assert b"augury_requests_total" not in body
    direct = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    direct.request("GET", "/metrics")
    assert b"augury_requests_total" in direct.getresponse().read()
    direct.close()


def test_nothing_in_the_clear_is_passed_on(front: Front, record: bytes) -> None:
    """Whoever asks without TLS is told where to ask."""
    connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=PATIENCE)
    connection.request("POST", "/predict", record, {"Host": SITE})
    said = connection.getresponse()
    assert (said.status, said.headers["Location"]) == (308, f"https://{SITE}/predict")
    connection.close()


def test_a_service_that_is_away_is_said_to_be(tmp_path: Path, record: bytes) -> None:
    """Without the service the answer is 502, at once."""
    with run_front(tmp_path, find_ports(1)[0]) as front:
        started = monotonic()
        assert front.ask("POST", "/predict", record)[0] == 502
        assert monotonic() - started < 5
