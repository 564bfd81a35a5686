from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from campaign.tables import open_database
from mailbox_server import Mailbox
from make_customers import fill_in, read_table, write_customers
from tests.campaign.scene import EXAMPLE, PATIENCE

_MAIL = b"Message-ID: <1@example.org>\r\n\r\nHello\r\n"


def run_demo(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the demonstration as `make campaign` does."""
    command = [sys.executable, str(EXAMPLE / "demo.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def count_files(folder: Path) -> int:
    """Count the files of a folder."""
    return sum(1 for _ in folder.iterdir())


def test_the_demonstration_goes_from_customers_to_mails(tmp_path: Path) -> None:
    """It makes customers, starts both servers, runs the campaign twice, and nobody is mailed twice."""
    done = run_demo("--rows", "60", "--folder", str(tmp_path / "shown"))
    assert (done.returncode, done.stderr) == (0, "")
    held = count_files(tmp_path / "shown" / "mailbox" / "new")
    assert held > 5
    assert done.stdout.count(f"of the chosen, {held} sent") == 2
    assert f"The mailbox holds {held} mails after the first run, and {held} after the second." in done.stdout
    with (tmp_path / "shown" / "report.csv").open(newline="") as file:
        assert sum(line["state"] == "sent" for line in csv.DictReader(file)) == held


def test_the_demonstration_takes_a_table_of_ones_own(tmp_path: Path, telco_csv: Path) -> None:
    """Two hundred customers of the public table are judged as they stand there, and nobody is refused."""
    with telco_csv.open(encoding="utf-8") as file:
        (tmp_path / "mine.csv").write_text("".join(line for line, _ in zip(file, range(201), strict=False)), "utf-8")
    done = run_demo("--table", str(tmp_path / "mine.csv"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "200 customers judged by churn@" in done.stdout
    assert "refused" not in done.stdout


def test_a_table_keeps_what_it_has_and_gets_what_it_lacks(tmp_path: Path) -> None:
    """Names are in lower case, numbers are numbers, blanks are null, and a missing address is made up."""
    (tmp_path / "mine.csv").write_text("customerID,tenure,TotalCharges,email\nA-1,1,29.85,a@example.net\nA-2,2, ,\n")
    first, second = fill_in(read_table(tmp_path / "mine.csv"))
    assert first["customerid"] == "A-1"
    assert (first["tenure"], first["totalcharges"], second["totalcharges"]) == (1, 29.85, None)
    assert (first["email"], second["email"]) == ("a@example.net", None)
    assert first["name"] == "Customer 1"


def test_columns_have_the_type_that_fits_all_their_values(tmp_path: Path) -> None:
    """Whole numbers, fractions, truths and texts come back as they went in."""
    rows: list[dict[str, object]] = [
        {"customerid": "a", "whole": 1, "mixed": 1, "truth": True, "text": "x", "both": 1},
        {"customerid": "b", "whole": None, "mixed": 0.5, "truth": False, "text": None, "both": "1"},
    ]
    with open_database(f"sqlite:///{tmp_path / 'typed.db'}") as engine:
        write_customers(engine, rows)
        with engine.begin() as connection:
            read = [tuple(row) for row in connection.execute(text("SELECT * FROM customers ORDER BY customerid"))]
    assert read == [("a", 1, 1.0, 1, "x", "1"), ("b", None, 0.5, 0, None, "1")]


def test_a_campaign_of_nobody_is_refused(tmp_path: Path) -> None:
    """An empty table is a mistake."""
    with open_database(f"sqlite:///{tmp_path / 'empty.db'}") as engine, pytest.raises(ValueError, match="at least one"):
        write_customers(engine, [])


@pytest.mark.parametrize(("keep_duplicates", "kept"), [(False, 2), (True, 3)])
def test_a_mailbox_drops_what_a_recipient_has(tmp_path: Path, keep_duplicates: bool, kept: int) -> None:
    """The same Message-ID is one mail for each recipient, or as many as come where it is told to keep them."""
    mailbox = Mailbox(tmp_path, keep_duplicates=keep_duplicates)
    for recipient in ("a@example.org", "a@example.org", "b@example.org"):
        mailbox.deliver(_MAIL, "offers@example.org", recipient)
    assert count_files(tmp_path / "new") == kept
    assert count_files(tmp_path / "tmp") == 0


def test_a_mail_without_a_message_id_is_always_kept(tmp_path: Path) -> None:
    """Nobody can say of two such mails that they are one."""
    for _ in range(2):
        Mailbox(tmp_path).deliver(b"Subject: x\r\n\r\nHello\r\n", "offers@example.org", "a@example.org")
    assert count_files(tmp_path / "new") == 2
