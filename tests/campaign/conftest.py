from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import text

from augury.api import find_bundled
from campaign.tables import open_database
from make_customers import Record, draw_records
from tests.campaign.mail import MailServer, run_mail_server
from tests.campaign.scene import Scene
from tests.engines.postgresql import find_programs, run_postgresql
from tests.service.running import run_server


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that answers with the bundled model."""
    with run_server(tmp_path_factory.mktemp("service"), [Path(find_bundled())]) as running:
        yield running.url


@pytest.fixture(scope="session")
def records() -> list[Record]:
    """Three hundred records of nobody."""
    return draw_records(300, seed=7)


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server that drops what it has already."""
    with run_mail_server(tmp_path / "mailbox") as running:
        yield running


@pytest.fixture
def forgetful_mail(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server that delivers whatever it is sent, however often."""
    with run_mail_server(tmp_path / "mailbox", keep_duplicates=True) as running:
        yield running


@pytest.fixture
def scene(tmp_path: Path, service: str, mail: MailServer, records: list[Record]) -> Scene:
    """Forty customers, and a server that drops duplicates."""
    made = Scene(tmp_path, service, mail)
    made.add_customers(records[:40])
    return made


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server's address, with a gap for a database's name."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with run_postgresql(programs) as folder:
        yield f"postgresql+psycopg://tests@/{{}}?host={quote(str(folder))}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'customers.db'}"
        return
    address: str = request.getfixturevalue("postgresql")
    name = f"t{uuid4().hex}"
    with open_database(address.format("postgres")) as engine:
        admin = engine.execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    yield address.format(name)
