from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from string import Template

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from campaign.customers import Customer
from campaign.errors import CampaignError
from campaign.letter import Stationery, clean_name, is_address, make_token, read_stationery
from campaign.settings import Letters
from tests.campaign.scene import EXAMPLE

WHEN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LETTERS = Letters(
    sender="offers@example.org",
    sender_name="Example Telephone",
    subject="A month for you",
    text="letters/offer.txt",
    html="letters/offer.html",
    unsubscribe="https://example.org/unsubscribe/$token",
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
]
STATIONERY = read_stationery(LETTERS, EXAMPLE, WHEN)


def write(name: str, email: str = "c1@example.org") -> EmailMessage:
    """Write a letter, and read its bytes as a receiver does."""
    customer = Customer("c1", name, email, opted_out=False, charges=1.0, record={})
    sent = STATIONERY.write(customer, make_token("autumn", "c1"), WHEN).as_bytes()
    read = message_from_bytes(sent, policy=default)
    assert isinstance(read, EmailMessage)
    return read


# Names as they come, and names of what headers are made of.
@given(st.text() | st.text("=?utf-8qQbB_0DA\r\n\t :;,.<>@()[]\"\\'"))
@example("x\r\nBcc: all@example.org")
@example("x\nBcc: all@example.org\n\nanother letter")
@example("x\r\n.\r\nMAIL FROM:<x@example.org>")
@example("=?utf-8?q?x=0D=0ABcc=3A_all=40example=2Eorg?=")
@example('", <all@example.org>, "')
@example("x\u2028Bcc: all@example.org\x85Bcc: all@example.org\x0bBcc: all@example.org")
@example("\ud800\x00")
@example("é" * 200)
@example("a" * 5000)
def test_no_name_adds_a_header_or_a_recipient(name: str) -> None:
    """Whatever a name holds, the letter has the headers that we write, and goes to the one address."""
    letter = write(name)
    assert letter.keys() == HEADERS
    assert [address.addr_spec for address in letter["To"].addresses] == ["c1@example.org"]
    assert letter.defects == []


def test_a_letter_says_who_sends_it_and_how_to_stop_it() -> None:
    """Headers are those of RFC 5322 and RFC 8058, with the customer's token and nothing else of his in them."""
    token = make_token("autumn", "c1")
    letter = write("Customer 1")
    assert letter["From"] == "Example Telephone <offers@example.org>"
    assert letter["To"] == "c1@example.org"
    assert letter["Date"] == "Mon, 23 Nov 2026 09:30:00 +0000"
    assert letter["Message-ID"] == f"<{token}@example.org>"
    assert letter["List-Unsubscribe"] == f"<https://example.org/unsubscribe/{token}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_letter_is_there_in_plain_text_and_in_html() -> None:
    """Both parts greet the customer and say how to stop the mail."""
    letter = write("Customer 1")
    for kind in ("plain", "html"):
        part = letter.get_body((kind,))
        assert part is not None
        assert "Dear Customer 1," in part.get_content()
        assert f"https://example.org/unsubscribe/{make_token('autumn', 'c1')}" in part.get_content()


def test_a_name_is_text_in_the_html() -> None:
    """A name with markup is shown as it is, and is not read as markup."""
    html = write('<script>alert("1")</script> & $name').get_body(("html",))
    assert html is not None
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; $name" in html.get_content()
    assert "<script" not in html.get_content()


def test_a_customer_without_a_name_is_greeted_all_the_same() -> None:
    """An empty name makes no empty greeting."""
    letter = write(" \r\n")
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Dear customer,")
    assert letter["To"] == "c1@example.org"


def test_what_does_not_print_is_a_space() -> None:
    """Line ends, control characters and marks that turn text around leave a name on one line."""
    assert clean_name(" Ann\r\nB\x00\u202ec\u2028d ") == "Ann B c d"


@pytest.mark.parametrize(
    "text", ["a@example.org", "a.b+c@mail.example.org", "o'neil@example.co.uk", "x" * 64 + "@e.org"]
)
def test_a_plain_address_is_one(text: str) -> None:
    """Addresses as people have them are taken."""
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@example.org",
        "a@",
        "a@localhost",
        "a@example..org",
        ".a@example.org",
        "a@b@example.org",
        "a b@example.org",
        "a@example.org\n",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a@example.org,b@example.org",
        "A <a@example.org>",
        "<a@example.org>",
        "ä@example.org",
        "a@-example.org",
        "x" * 65 + "@example.org",
        "a@" + "b." * 130 + "org",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    """What is no address, more than one, or a command, is not mailed."""
    assert not is_address(text)


def test_a_mail_has_one_name_for_ever() -> None:
    """The token hangs on campaign and customer alone, and differs where either does."""
    assert make_token("autumn", "c1") == make_token("autumn", "c1")
    assert len({make_token("autumn", "c1"), make_token("autumn", "c2"), make_token("autum", "nc1")}) == 3


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        (replace(LETTERS, text="letters/absent.txt"), "No such file"),
        (replace(LETTERS, sender="offers"), "cannot be written"),
        (replace(LETTERS, subject="A month\r\nBcc: all@example.org"), "cannot be written"),
        (replace(LETTERS, unsubscribe="https://example.org/$who"), r"\$who"),
    ],
)
def test_a_letter_that_cannot_be_written_is_found_before_anybody_is_mailed(letters: Letters, said: str) -> None:
    """A text that is absent, a sender who is none and a name that is unknown stop the campaign at its start."""
    with pytest.raises(CampaignError, match=said):
        read_stationery(letters, EXAMPLE, WHEN)


def test_a_template_with_an_unknown_name_is_found(tmp_path: Path) -> None:
    """A letter may not ask for what it is not given."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "offer.html").write_text("$name")
    (tmp_path / "letters" / "offer.txt").write_text("$discount")
    with pytest.raises(CampaignError, match=r"a letter has \$discount"):
        read_stationery(LETTERS, tmp_path, WHEN)


def test_lines_that_are_a_dot_arrive_as_they_are() -> None:
    """A text of dots is still a text of dots in the letter; SMTP's own dots are the post's affair."""
    customer = Customer("c1", "x", "c1@example.org", opted_out=False, charges=1.0, record={})
    letter = Stationery(LETTERS, Template(".\n..\nend"), Template("x")).write(customer, "t", WHEN)
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == [".", "..", "end"]
