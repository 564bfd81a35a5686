"""Mail servers in trouble, and what the campaign makes of it."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from campaign.post import Outcome, Post
from tests.campaign.mail import CUT, MailServer
from tests.campaign.scene import EXAMPLE, LATER, Scene, address, find_chosen


@pytest.mark.parametrize("code", ["450 greylisted", "451 later", "452 full"])
def test_what_the_server_puts_off_waits_for_the_next_run(scene: Scene, mail: MailServer, code: str) -> None:
    """A recipient put off is left for the next run while the others are mailed, and the status says so."""
    chosen = find_chosen(scene)
    mail.door.recipients = {address(chosen[0]): code}
    first = scene.run()
    assert first.exit_code == LATER
    assert scene.states()[chosen[0]] == "planned"
    assert set(mail.count_by_recipient()) == {address(customer) for customer in chosen[1:]}
    mail.door.recipients = {}
    assert scene.run().exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}


def test_a_mail_that_the_server_puts_off_after_reading_it_waits_too(scene: Scene, mail: MailServer) -> None:
    """A temporary refusal of the message itself is no delivery."""
    chosen = find_chosen(scene)
    mail.door.before = {address(chosen[0]): "451 later"}
    assert scene.run().exit_code == LATER
    mail.door.before = {}
    assert scene.run().exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}


def test_a_refused_recipient_is_failed_with_the_servers_reason(scene: Scene, mail: MailServer) -> None:
    """One address that the server will not have does not hold up the others, and is not tried again."""
    chosen = find_chosen(scene)
    mail.door.recipients = {address(chosen[0]): "550 5.1.1 no such user\x1b[2J"}
    mail.door.before = {address(chosen[1]): "554 no"}
    result = scene.run()
    assert result.exit_code == 0
    assert scene.report()["states"] == {"sent": len(chosen) - 2, "failed": 2}
    assert f"failed: {chosen[0]}, 550 5.1.1 no such user [2J" in result.stdout
    received = mail.door.received
    assert scene.run().exit_code == 0
    assert mail.door.received == received


def test_an_absent_mail_server_costs_nothing_but_time(scene: Scene, mail: MailServer) -> None:
    """Where nobody answers, nothing is claimed, and a later run sends everything."""
    chosen = find_chosen(scene)
    port, mail.port = mail.port, 1
    first = scene.run()
    assert first.exit_code == LATER
    assert "is away (ConnectionRefusedError)" in first.stderr
    assert set(scene.states().values()) == {"planned"}
    mail.port = port
    assert scene.run().exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}


def test_a_sender_that_the_server_refuses_stops_the_campaign(scene: Scene, mail: MailServer) -> None:
    """It is nobody's fault among the customers, so nobody is failed."""
    mail.door.senders = {"offers@example.org": "553 not from you"}
    result = scene.run()
    assert result.exit_code == 1
    assert "does not take the sender (553 not from you)" in result.stderr
    assert set(scene.states().values()) == {"planned"}


@pytest.mark.parametrize("fault", [CUT, "421 too many mails on this connection"])
def test_a_connection_that_ends_before_the_message_is_made_again(scene: Scene, mail: MailServer, fault: str) -> None:
    """What surely was not taken is tried once more at once, then in the next run; the others have their mail."""
    chosen = find_chosen(scene)
    mail.door.recipients = {address(chosen[1]): fault}
    assert scene.run().exit_code == LATER
    assert scene.states()[chosen[1]] == "planned"
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen if customer != chosen[1]}
    assert mail.door.connections == 3
    mail.door.recipients = {}
    assert scene.run().exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}


def test_a_server_that_breaks_three_connections_in_a_row_is_left_alone(scene: Scene, mail: MailServer) -> None:
    """A server in trouble is not called for every customer, and a later run mails them all."""
    chosen = find_chosen(scene)
    mail.door.recipients = dict.fromkeys(map(address, chosen), CUT)
    result = scene.run()
    assert result.exit_code == LATER
    assert "broke 3 connections" in result.stderr
    assert mail.door.connections == 3
    assert set(scene.states().values()) == {"planned"}
    mail.door.recipients = {}
    assert scene.run().exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_cut_in_the_message_leaves_one_mail_uncertain(scene: Scene, mail: MailServer, when: str) -> None:
    """Taken or not, it is listed and never sent again by itself; the others are mailed on the next connection."""
    chosen = find_chosen(scene)
    setattr(mail.door, when, {address(chosen[1]): CUT})
    result = scene.run()
    assert result.exit_code == 0
    assert f"uncertain: {chosen[1]}, the connection broke" in result.stdout
    assert scene.run().exit_code == 0
    taken = chosen if when == "after" else [chosen[0], *chosen[2:]]
    assert mail.count_by_recipient() == {address(customer): 1 for customer in taken}
    assert mail.door.received == len(chosen)


@pytest.mark.parametrize("when", ["before", "after"])
def test_with_a_server_that_drops_duplicates_an_uncertain_mail_is_sent_again(
    scene: Scene, mail: MailServer, when: str
) -> None:
    """Told to resend, the next run sends what is uncertain under its old name, and there is one of it."""
    chosen = find_chosen(scene)
    setattr(mail.door, when, {address(chosen[0]): CUT})
    assert scene.run("--resend-uncertain").exit_code == LATER
    setattr(mail.door, when, {})
    assert scene.run("--resend-uncertain").exit_code == 0
    assert mail.count_by_recipient() == {address(customer): 1 for customer in chosen}
    assert mail.door.received == len(chosen) + 1
    assert scene.report()["states"] == {"sent": len(chosen)}


def test_an_answer_that_is_none_leaves_the_mail_uncertain(scene: Scene, mail: MailServer) -> None:
    """Words that are no answer to a message say neither that it was taken nor that it was not."""
    chosen = find_chosen(scene)
    mail.door.before = {address(chosen[0]): "hello"}
    assert scene.run().exit_code == 0
    assert scene.states()[chosen[0]] == "uncertain"
    assert set(mail.count_by_recipient()) == {address(customer) for customer in chosen[1:]}


def test_who_stops_it_by_hand_sends_nothing_twice(
    scene: Scene, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C right after the message is a kill like any other: what nobody knows of is not put back."""
    send = Post.send

    def send_and_be_stopped(post: Post, letter: EmailMessage, recipient: str) -> Outcome:
        send(post, letter, recipient)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Post, "send", send_and_be_stopped)
        assert scene.run().exit_code == 1
    first = find_chosen(scene)[0]
    assert scene.states()[first] == "sending"
    assert scene.run().exit_code == 0
    assert scene.states()[first] == "uncertain"
    assert mail.door.received == len(scene.states())


def test_a_letter_arrives_as_it_was_written(scene: Scene, mail: MailServer, tmp_path: Path) -> None:
    """Lines that begin with a dot, or are one, which would end the message, are there when it is read."""
    (tmp_path / "letters").unlink()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "offer.txt").write_text("Dear $name,\n.\n..two\n.one\nüber\n", "utf-8")
    (tmp_path / "letters" / "offer.html").write_text((EXAMPLE / "letters" / "offer.html").read_text("utf-8"), "utf-8")
    assert scene.run().exit_code == 0
    assert mail.read()
    for letter in mail.read():
        text = letter.get_body(("plain",))
        assert text is not None
        assert text.get_content().splitlines()[1:] == [".", "..two", ".one", "über"]
