"""A campaign in a folder of its own: the example's settings, a database, and the command as a user gives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import text

from campaign.__main__ import main
from campaign.tables import open_database
from make_customers import Record, fill_in, write_customers
from tests.campaign.mail import MailServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "campaign"
PATIENCE = 50.0
# The status that says: run me again.
LATER = 75
# Short waits, so that what a test waits for does not take a minute; a busy machine answers within them all the same.
_QUICK = {"timeout = 10 ": "timeout = 2 ", "lease = 60 ": "lease = 8 ", "patience = 30 ": "patience = 20 "}


class Scene:
    """Customers, and a campaign among them."""

    def __init__(self, folder: Path, service: str, mail: MailServer, database: str | None = None) -> None:
        self.folder, self.mail, self.service = folder, mail, service
        self.database = database or f"sqlite:///{folder / 'campaign.db'}"
        self.settings = folder / "campaign.toml"
        self.change(_QUICK, start=(EXAMPLE / "campaign.toml").read_text("utf-8"))
        (folder / "letters").symlink_to(EXAMPLE / "letters")

    def change(self, changes: dict[str, str], *, start: str | None = None) -> None:
        """Change the settings by exact texts."""
        said = self.settings.read_text("utf-8") if start is None else start
        for old, new in changes.items():
            assert said.count(old) == 1, old
            said = said.replace(old, new)
        self.settings.write_text(said, "utf-8")

    def add_customers(self, records: list[Record]) -> None:
        """Make the table of customers."""
        with open_database(self.database) as engine:
            write_customers(engine, fill_in(records))

    def execute(self, statement: str, **values: object) -> list[dict[str, Any]]:
        """Do something in the database behind the campaign's back."""
        with open_database(self.database) as engine, engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def states(self) -> dict[str, str]:
        """The state of each mail, by customer."""
        rows = self.execute("SELECT customer, state FROM decisions WHERE state IS NOT NULL")
        return {row["customer"]: row["state"] for row in rows}

    def run(self, *options: str, command: str = "run") -> Result:
        """Run the command here, and return what it printed."""
        result = CliRunner().invoke(main, [command, *self._write_options(), *options])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def report(self, *options: str) -> dict[str, Any]:
        """Read the report."""
        report: dict[str, Any] = json.loads(self.run("--json", *options, command="report").stdout)
        return report

    def start(self, *options: str, before: str = "") -> subprocess.Popen[bytes]:
        """Start the command in a process of its own, which may do something ``before``."""
        code = f"import sys\nsys.path.insert(0, sys.argv.pop(1))\n{before}\nfrom campaign.__main__ import main\nmain()"
        command = [sys.executable, "-c", code, str(EXAMPLE), "run", *self._write_options(), *options]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def _write_options(self) -> list[str]:
        where = ["--settings", str(self.settings), "--database", self.database]
        return [*where, "--service", self.service, "--smtp-port", str(self.mail.port)]


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Await the end of a process: its status, and what it complained of."""
    _, complaint = process.communicate(timeout=PATIENCE)
    return process.returncode, complaint.decode()


def kill(process: subprocess.Popen[bytes]) -> int:
    """Kill a process at once, and return its status."""
    os.kill(process.pid, signal.SIGKILL)
    return finish(process)[0]


def find_chosen(scene: Scene) -> list[str]:
    """The customers who are chosen, the most profitable first."""
    report = json.loads(scene.run("--dry-run", "--json").stdout)
    return [line["customer"] for line in report["lines"] if line["decision"] == "chosen"]


def address(customer: str) -> str:
    """The address that was made up for a customer."""
    return f"{customer.lower()}@example.org"
