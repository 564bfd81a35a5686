from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from campaign.letter import make_token
from make_customers import Record
from tests.campaign.mail import MailServer
from tests.campaign.scene import LATER, Scene, address, find_chosen


def test_every_chosen_customer_gets_one_mail_and_nobody_else(scene: Scene, mail: MailServer) -> None:
    """After a run the mailbox holds one mail for each of the chosen, and the report says that they are sent."""
    chosen = find_chosen(scene)
    assert len(chosen) > 5
    assert scene.run().exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}
    assert scene.report()["states"] == {"sent": len(chosen)}


def test_a_second_run_sends_nothing(scene: Scene, mail: MailServer) -> None:
    """Run again, the campaign does not even call the mail server, and prints the same report."""
    first = scene.run()
    received, connections = mail.door.received, mail.door.connections
    second = scene.run("--resend-uncertain")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert (mail.door.received, mail.door.connections) == (received, connections)
    assert first.stdout == second.stdout


def test_a_dry_run_stores_and_sends_nothing(scene: Scene, mail: MailServer) -> None:
    """What it shows is what a run then does."""
    dry = json.loads(scene.run("--dry-run", "--json").stdout)
    assert mail.door.connections == 0
    assert scene.execute("SELECT * FROM campaigns") == scene.execute("SELECT * FROM decisions") == []
    scene.run()
    report = scene.report()
    assert dry["planned"] is None
    assert dry["decisions"] == report["decisions"]
    assert dry["expected_profit"] == pytest.approx(report["expected_profit"])


def test_a_mail_is_known_by_its_token(scene: Scene, mail: MailServer) -> None:
    """The Message-ID of each mail in the mailbox hangs on campaign and customer alone."""
    chosen = find_chosen(scene)
    scene.run()
    expected = {f"<{make_token('stay-with-us', customer)}@example.org>" for customer in chosen}
    assert {str(letter["Message-ID"]) for letter in mail.read()} == expected


def test_who_opted_out_is_not_asked_about_and_not_mailed(scene: Scene, mail: MailServer) -> None:
    """One who wants no mail is in the report without a probability, whatever says yes in his column."""
    customer = find_chosen(scene)[0]
    scene.execute("UPDATE customers SET opted_out = 1 WHERE customerid = :c", c=customer)
    assert scene.run().exit_code == 0
    line = next(line for line in scene.report()["lines"] if line["customer"] == customer)
    assert (line["decision"], line["probability"], line["state"]) == ("opted_out", None, None)
    assert address(customer) not in mail.count_by_recipient()


@pytest.mark.parametrize("change", ["UPDATE customers SET opted_out = 1", "DELETE FROM customers"])
def test_who_opts_out_or_goes_after_the_plan_is_not_mailed(scene: Scene, mail: MailServer, change: str) -> None:
    """A customer is looked at once more right before his mail."""
    first, last = find_chosen(scene)[0], find_chosen(scene)[-1]
    mail.door.recipients = {address(customer): "451 later" for customer in find_chosen(scene)}
    assert scene.run().exit_code == LATER
    scene.execute(f"{change} WHERE customerid = :c", c=last)
    mail.door.recipients = {}
    assert scene.run().exit_code == 0
    assert (scene.states()[first], scene.states()[last]) == ("sent", "withdrawn")
    assert address(last) not in mail.count_by_recipient()


def test_who_is_refused_by_the_contract_is_reported_and_not_mailed(scene: Scene, mail: MailServer) -> None:
    """A level that the model never saw and an impossible number are in the report with their faults."""
    weekly, eternal, *_ = find_chosen(scene)
    scene.execute("UPDATE customers SET contract = 'weekly' WHERE customerid = :c", c=weekly)
    scene.execute("UPDATE customers SET tenure = -3 WHERE customerid = :c", c=eternal)
    result = scene.run()
    report = scene.report()
    lines = {line["customer"]: line for line in report["lines"]}
    assert result.exit_code == 0
    assert report["decisions"]["refused"] == 2
    assert "/contract" in lines[weekly]["why"]
    assert "/tenure" in lines[eternal]["why"]
    assert "weekly" not in lines[weekly]["why"]
    assert "refused, 1: " in result.stdout
    assert not {address(weekly), address(eternal)} & set(mail.count_by_recipient())


@pytest.mark.parametrize("email", ["", "nobody", "a@example.org\r\nRCPT TO:<b@example.org>", "a@b.org, c@d.org"])
def test_who_has_no_address_is_reported_and_not_mailed(scene: Scene, mail: MailServer, email: str) -> None:
    """An address that is none, or more than one, is not mailed."""
    customer = find_chosen(scene)[0]
    scene.execute("UPDATE customers SET email = :e WHERE customerid = :c", e=email, c=customer)
    assert scene.run().exit_code == 0
    line = next(line for line in scene.report()["lines"] if line["customer"] == customer)
    assert line["decision"] == "no_address"
    assert set(mail.count_by_recipient()) <= {address(f"C{number:06d}") for number in range(1, 41)}


def test_who_has_no_charges_is_reported_and_not_mailed(scene: Scene) -> None:
    """Where nobody knows what a customer is worth there is no profit to expect."""
    customer = find_chosen(scene)[0]
    scene.change({'charges = "monthlycharges"': 'charges = "worth"'})
    scene.execute("ALTER TABLE customers ADD COLUMN worth DOUBLE PRECISION")
    scene.execute("UPDATE customers SET worth = 80 WHERE customerid <> :c", c=customer)
    assert scene.run().exit_code == 0
    line = next(line for line in scene.report()["lines"] if line["customer"] == customer)
    assert line["decision"] == "no_value"


def test_a_hostile_name_reaches_nobody_else(scene: Scene, mail: MailServer) -> None:
    """A name that looks like headers, commands or markup changes neither the recipients nor the headers."""
    victim, other = find_chosen(scene)[:2]
    hostile = "x\r\nBcc: all@example.net\r\n\r\n.\r\nMAIL FROM:<x@example.net>"
    for customer, name in ((victim, hostile), (other, "=?utf-8?q?x=0D=0ABcc=3A_all=40example=2Enet?=")):
        scene.execute("UPDATE customers SET name = :n WHERE customerid = :c", n=name, c=customer)
    assert scene.run().exit_code == 0
    assert set(mail.count_by_recipient().values()) == {1}
    assert all(recipient.endswith("@example.org") for recipient in mail.count_by_recipient())
    assert not any("Bcc" in letter for letter in mail.read())


def test_a_budget_leaves_the_less_profitable_out(scene: Scene, mail: MailServer) -> None:
    """With money for three mails, the three most profitable are sent, and the report says why no more."""
    chosen = find_chosen(scene)
    scene.change({"money = 50_000.0": "money = 61.0"})
    assert scene.run().exit_code == 0
    assert set(mail.count_by_recipient()) == {address(customer) for customer in chosen[:3]}
    assert scene.report()["decisions"]["over_budget"] == len(chosen) - 3


def test_logs_and_complaints_name_no_customer(scene: Scene, mail: MailServer) -> None:
    """What is logged names mails by their token: no id, no address, no name, and not the server's words."""
    chosen = find_chosen(scene)
    mail.door.recipients = {address(chosen[0]): f"550 no such user {address(chosen[0])}"}
    process = scene.start("--verbose")
    _, logged = process.communicate(timeout=50)
    text = logged.decode()
    assert text.count("sent, code 250") == len(chosen) - 1
    assert f"mail {make_token('stay-with-us', chosen[0])}: failed, code 550" in text
    assert "example.org" not in text
    assert not any(customer in text for customer in chosen)


def test_the_csv_has_a_line_for_each_customer(scene: Scene, tmp_path: Path) -> None:
    """Every customer is there with decision, why, figures and state; no cell can be taken for a formula."""
    scene.execute("UPDATE customers SET customerid = '=1+1' WHERE customerid = :c", c=find_chosen(scene)[0])
    assert scene.run("--csv", str(tmp_path / "report.csv")).exit_code == 0
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert rows[0]["customer"] == "'=1+1"
    assert rows[0]["decision"] == "chosen"
    assert rows[0]["state"] == "sent"
    assert rows[0]["changed"].endswith("UTC")
    assert 0.0 < float(rows[0]["probability"]) < 1.0


def test_the_report_gives_the_reasons_and_the_profit(scene: Scene) -> None:
    """The chosen are listed by profit with what raises their probability, and the sum is told."""
    result = scene.run()
    report = scene.report()
    chosen = [line for line in report["lines"] if line["decision"] == "chosen"]
    assert report["expected_profit"] == pytest.approx(sum(line["profit"] for line in chosen))
    assert f"expected profit of {report['expected_profit']:,.2f}" in result.stdout
    assert chosen == sorted(chosen, key=lambda line: -line["profit"])
    assert all(line["why"].count("+") >= 1 for line in chosen)
    assert report["model"].startswith("churn@")


def test_a_report_of_no_campaign_says_so(scene: Scene) -> None:
    """Before its first run there is nothing to report."""
    result = scene.run(command="report")
    assert result.exit_code == 1
    assert "stay-with-us has no plan; run it first" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mails = 1000", "mail = 1000", "unknown field `mail`"),
        ("accept = 0.3 ", "accept = 3.0 ", "`$.offer.accept`"),
        ('name = "stay-with-us"', 'name = "a/b"', "`$.name`"),
        ("lease = 8 ", "lease = 7 ", "may end while a mail waits"),
        ("https://example.org/unsubscribe/$token", "http://example.org/$token", "no address for one click"),
        ("https://example.org/unsubscribe/$token", "https://example.org/", "no address for one click"),
        ('table = "customers"', 'table = "clients"', "no table 'clients'"),
        ('charges = "monthlycharges"', 'charges = "revenue"', "no column revenue"),
        ("letters/offer.txt", "letters/absent.txt", "No such file"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_is_done(
    scene: Scene, mail: MailServer, old: str, new: str, said: str
) -> None:
    """A mistake in the settings is one sentence and status 1, and nobody is asked or mailed."""
    scene.change({old: new})
    result = scene.run()
    assert result.exit_code == 1
    assert said in result.stderr
    assert mail.door.connections == 0
    assert scene.execute("SELECT * FROM decisions") == []


def test_what_is_kept_back_does_not_reach_the_service(scene: Scene) -> None:
    """A column that is kept back is not in the question: without it, the contract misses it."""
    scene.change({"kept_back = []": 'kept_back = ["tenure"]'})
    assert scene.run().exit_code == 0
    report = scene.report()
    assert report["decisions"]["refused"] == sum(1 for line in report["lines"] if "/tenure" in line["why"]) > 0


def test_customers_are_read_page_by_page(tmp_path: Path, service: str, mail: MailServer, records: list[Record]) -> None:
    """A table of more than one page is read to its end, each customer once."""
    scene = Scene(tmp_path, service, mail)
    scene.add_customers([dict(records[number % 300]) for number in range(2100)])
    dry = json.loads(scene.run("--dry-run", "--json").stdout)
    assert [line["customer"] for line in sorted(dry["lines"], key=lambda line: line["customer"])] == [
        f"C{number:06d}" for number in range(1, 2101)
    ]
