"""The judges of the clients, judged: what is wrong is found, and who is absent is named."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.clients import conftest
from tests.clients.questions import SMALL, Told, check_crowd, check_told
from tests.service.asking import Answer


def make_told(expected: dict[str, Answer]) -> list[Told]:
    """What a client without fault brings back."""
    return [Told(name, answer.status, "1.1", answer.body) for name, answer in expected.items()]


def test_a_wrong_answer_is_found(expected: dict[str, Answer]) -> None:
    """An answer that lacks a byte, has another status, is missing or comes twice is found."""
    told = make_told(expected)
    check_told(told, expected)
    first, *others = told
    for wrong in ({"body": first.body[:-1]}, {"status": 201}):
        with pytest.raises(AssertionError, match="ping"):
            check_told([msgspec.structs.replace(first, **wrong), *others], expected)
    for several in (others, [first, *told]):
        with pytest.raises(AssertionError, match="Counter"):
            check_told(several, expected)


def test_a_crowd_may_be_told_to_wait(expected: dict[str, Answer]) -> None:
    """Among many asked at once some may be told that it is too much; none may be wrong, nor most refused."""
    told = make_told({each.name: expected[each.name] for each in SMALL})
    busy = Told("ping", 503, "1.1", b'{"type":"urn:augury:problem:overloaded"}')
    check_crowd([busy, *told], expected, len(told) + 1)
    with pytest.raises(AssertionError):
        check_crowd([busy] * len(told) + told, expected, 2 * len(told))
    with pytest.raises(AssertionError, match="draining"):
        check_crowd([msgspec.structs.replace(busy, body=b"draining"), *told], expected, len(told) + 1)


def test_who_is_absent_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that is not installed skips its tests by its name, and so does the other environment."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="java is not installed"):
        conftest.find_tool("java")
    monkeypatch.setattr(conftest, "CLIENTS", tmp_path / "python")
    with pytest.raises(pytest.skip.Exception, match="KServe's client, httpx and aiohttp are not installed"):
        conftest.find_clients()
