from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from make_customers import Record
from tests.campaign.mail import MailServer, make_locked, run_mail_server
from tests.campaign.scene import Scene

_STARTTLS = {'security = "none" ': 'security = "starttls" ', '# username = "offers"': 'username = "offers"'}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine's address, signed by itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    shown, key = folder / "shown.pem", folder / "key.pem"
    make: list[str | Path] = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", shown]
    whose = ["-subj", "/CN=mailbox.example", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*make, *whose], check=True, capture_output=True)
    return shown, key


@pytest.fixture
def locked(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[MailServer]:
    """A mail server that wants encryption and a password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with run_mail_server(tmp_path / "mailbox", **make_locked(context, "a secret")) as running:
        yield running


@pytest.fixture
def scene(tmp_path: Path, service: str, locked: MailServer, records: list[Record]) -> Scene:
    """Twenty customers, and a campaign that is to encrypt."""
    made = Scene(tmp_path, service, locked)
    made.add_customers(records[:20])
    made.change(_STARTTLS)
    return made


def test_mail_is_encrypted_and_sent_with_a_password(
    scene: Scene, locked: MailServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a certificate that this machine trusts and the password from the environment, everything is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("CAMPAIGN_SMTP_PASSWORD", "a secret")
    assert scene.run().exit_code == 0
    assert locked.door.received == len(scene.states()) > 0


def test_a_server_that_nobody_vouches_for_gets_nothing(
    scene: Scene, locked: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that is not trusted ends the run before the password or a mail is sent."""
    monkeypatch.setenv("CAMPAIGN_SMTP_PASSWORD", "a secret")
    result = scene.run()
    assert result.exit_code == 1
    assert "does not let us in (SSLCertVerificationError)" in result.stderr
    assert locked.door.received == 0


def test_a_wrong_password_is_told_and_shown_nowhere(
    scene: Scene, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run stops with a sentence that has no password in it, and every mail stays planned."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("CAMPAIGN_SMTP_PASSWORD", "another secret")
    result = scene.run()
    assert result.exit_code == 1
    assert "does not let us in (SMTPAuthenticationError)" in result.stderr
    assert "secret" not in result.stderr
    assert set(scene.states().values()) == {"planned"}


def test_a_server_without_encryption_is_refused(
    tmp_path: Path, service: str, mail: MailServer, records: list[Record]
) -> None:
    """Where encryption is asked for, a server that has none gets no mail in the clear."""
    scene = Scene(tmp_path, service, mail)
    scene.add_customers(records[:20])
    scene.change({'security = "none" ': 'security = "starttls" '})
    result = scene.run()
    assert result.exit_code == 1
    assert "does not let us in (SMTPNotSupportedError)" in result.stderr
    assert mail.door.received == 0
