from __future__ import annotations

import json
import re
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.contract.faults import Note
from augury.service.notes import NotesHeader
from augury.service.request_id import find_request_id
from tests.service.asking import ask

VISIBLE = re.compile(r"[\x21-\x7e ]*")


def _encode(*notes: Note, prefix: str = "") -> str | None:
    header = NotesHeader()
    header.add(notes, prefix)
    return header.encode()


def _note(pointer: str) -> Note:
    return Note("unknown_key", pointer, "it is not in the contract")


def test_nothing_to_tell() -> None:
    """Without notes, or with doubtful ones alone, there is no header."""
    assert _encode() is None
    assert _encode(Note("range", "/tenure", "it is outside")) is None


def test_notes_are_a_list() -> None:
    """Each note is a token with its place, and in an array the place begins with the row."""
    assert _encode(_note("/a"), _note("/b~1c")) == 'unknown_key;at="/a", unknown_key;at="/b~1c"'
    assert _encode(_note("/a"), prefix="/7") == 'unknown_key;at="/7/a"'


@pytest.mark.parametrize("key", ['"', "\\", "é", "\r\nSet-Cookie: x=1", "a, b;c", "\x7f", "\U0001f600", "%41"])
def test_nothing_ends_the_header(key: str) -> None:
    """Whatever a caller names a key, the header stays one line of visible ASCII with one place."""
    encoded = _encode(_note(f"/{key}"))
    assert encoded is not None
    assert VISIBLE.fullmatch(encoded)
    assert re.fullmatch(r'unknown_key;at="[^"\\]*"', encoded)


def test_the_header_is_bounded() -> None:
    """Long pointers are cut, and notes beyond the bound are counted."""
    encoded = _encode(*[_note("/" + "é" * 1000)] * 50)
    assert encoded is not None
    assert len(encoded) < 4200
    listed = encoded.count("unknown_key")
    assert encoded.endswith(f", more;n={50 - listed}")
    many = _encode(*[_note("/a")] * 21)
    assert many is not None
    assert (many.count("unknown_key"), many[-10:]) == (20, ", more;n=1")


@pytest.mark.parametrize("key", ["\r\nSet-Cookie: a=b", "é\u2028", '"'])
def test_a_key_cannot_inject_a_header(app: Starlette, record: dict[str, Any], key: str) -> None:
    """A hostile key comes back percent-encoded in its own header, or is refused, and never makes another header."""
    answer = ask(app, "POST", "/predict", json.dumps(record | {key: 1}).encode())
    names = {name for name, _ in answer.headers}
    assert names <= {"augury-model", "augury-notes", "content-length", "content-type", "x-request-id"}
    assert all(VISIBLE.fullmatch(value) for _, value in answer.headers)


@pytest.mark.parametrize("sent", [b"a", b"A-z_0.9", b"x" * 64])
def test_a_well_formed_id_is_taken(sent: bytes) -> None:
    """An id of letters, digits, dot, underscore and hyphen is the request's."""
    assert find_request_id([(b"host", b"h"), (b"x-request-id", sent)]) == sent.decode()


@pytest.mark.parametrize("sent", [b"", b"x" * 65, b"a b", b"a\n", b"a\r\nb: c", b"\xe9", b'{"a":1}', b"a/../b"])
def test_another_id_is_not(sent: bytes) -> None:
    """Any other id is not repeated: a new one takes its place."""
    made = find_request_id([(b"x-request-id", sent)])
    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_ids_are_made_apart() -> None:
    """Without an id, or with two, one is made, and never twice the same."""
    two = [(b"x-request-id", b"a"), (b"x-request-id", b"b")]
    made = {find_request_id(headers) for headers in ([], [], two, two)}
    assert len(made) == 4
    assert not made & {"a", "b"}
