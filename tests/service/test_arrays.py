from __future__ import annotations

import json
import tracemalloc
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from augury.errors import RecordError
from augury.model import Model
from augury.service.problems import Refusal
from augury.service.records.rows import split_rows
from tests.service.asking import ask
from tests.service.models import answer_at_once

LIMITS = {"max_rows": 10_000, "max_record": 1024 * 1024}


def test_an_array(app: Starlette, model: Model, body: bytes, record: dict[str, Any]) -> None:
    """An array comes back in order, each record with its answer or its faults, and the refused are counted."""
    noted = json.dumps(record | {"loyalty": 1, "tenure": 80}).encode()
    answer = ask(app, "POST", "/predict", b"[" + b" , ".join([body, b"{}", noted, b"7"]) + b"]")
    assert (answer.status, answer.header("augury-refused")) == (200, "2")
    first, second, third, fourth = answer.json()
    assert first == json.loads(answer_at_once(model, body))
    assert [fault["code"] for fault in second["faults"]] == ["absent"] * 18
    assert [note["code"] for note in third["notes"]] == ["range"]
    assert [fault["code"] for fault in fourth["faults"]] == ["not_an_object"]
    assert answer.header("augury-notes") == 'unknown_key;at="/2/loyalty"'


def test_an_array_with_reasons(app: Starlette, model: Model, body: bytes) -> None:
    """Each record of an array gets its reasons when they are asked for."""
    answer = ask(app, "POST", "/explain", b"[" + body + b"," + body + b"]")
    alone = model.write_answer(model.predict_json(body, explain=True))
    assert answer.body == b"[" + alone + b"," + alone + b"]"


@pytest.mark.parametrize("body", [b"[]", b" [ ] ", b"\n[\t]\r\n"])
def test_an_empty_array(app: Starlette, body: bytes) -> None:
    """No record gets no answer."""
    answer = ask(app, "POST", "/predict", body)
    assert (answer.status, answer.body, answer.header("augury-refused")) == (200, b"[]", "0")


@pytest.mark.parametrize(
    "body",
    [
        b"[",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[,1]",
        b"[1]]",
        b"[1] x",
        b"[1 2]",
        b"[1}",
        b'[{"a":1]',
        b"[tru]",
        b'["',
        b"[1][2]",
    ],
)
def test_an_array_that_is_no_json(app: Starlette, body: bytes) -> None:
    """An array that is no JSON text is refused as a whole: nobody can say how many records it holds."""
    answer = ask(app, "POST", "/predict", body)
    assert (answer.status, [fault.code for fault in answer.faults()]) == (400, ["malformed"])


def test_an_array_that_is_not_utf8(app: Starlette) -> None:
    """A byte that is no UTF-8 refuses the record that it stands in, or the array when it stands in none."""
    [row] = ask(app, "POST", "/predict", b'[{"a":"\xff"}]').json()
    assert [fault["code"] for fault in row["faults"]] == ["encoding"]
    assert ask(app, "POST", "/predict", b"[\xff]").status == 400


@pytest.mark.parametrize(
    "strange",
    [b'{"tenure":NaN}', b"[" * 20 + b"]" * 20, b"[" * 5000 + b"]" * 5000, b'{"gender":"\\ud83d"}', b'{"\\ude00":1}'],
)
def test_a_strange_record_harms_no_other(app: Starlette, model: Model, body: bytes, strange: bytes) -> None:
    """A record that no parser likes is refused alone."""
    first, second, third = ask(app, "POST", "/predict", b"[" + b",".join([body, strange, body]) + b"]").json()
    assert first == third == json.loads(answer_at_once(model, body))
    assert second["faults"]


def test_an_array_too_deep_and_unclosed(app: Starlette) -> None:
    """An array that is nested too deeply and does not end is refused as a whole."""
    answer = ask(app, "POST", "/predict", b"[1," + b"[" * 5000)
    assert (answer.status, [fault.code for fault in answer.faults()]) == (400, ["too_deep"])


@pytest.mark.parametrize(
    "text", [b'["' + b'\\"' * 20_000, b"[NaN," + b"[]," * 9 + b'"' + b"x" * 2_000_000], ids=["unclosed", "long"]
)
def test_texts_that_are_not_closed_cost_no_more_than_others(text: bytes) -> None:
    """An array with a text that does not end is refused in linear time, and memory of its own size."""
    tracemalloc.start()
    begun = perf_counter()
    with pytest.raises(RecordError):
        split_rows(text, **LIMITS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert perf_counter() - begun < 2.0  # tried: 0.01 s; with backtracking 10 s
    assert peak < 10 * len(text)  # tried: 3 times; with backtracking 110 times


def test_suggestions_of_one_request(app: Starlette, record: dict[str, Any]) -> None:
    """What was probably meant is searched for a bounded number of times a request, however many records it has."""
    misspelt = json.dumps(record | {"partner": "yess"}).encode()
    rows = ask(app, "POST", "/predict", b"[" + b",".join([misspelt] * 30) + b"]").json()
    assert sum(row["faults"][0].get("nearest") == "yes" for row in rows) == 20


@pytest.mark.parametrize(
    "text", ["[1,2]", '["a,]b","\\"],[",{"k":"}"}]', "[[1,[2]],{}]", "[ 1 , 2 ]", '["\\\\"]', "[]"]
)
def test_the_slow_split_is_the_fast_one(text: str) -> None:
    """Rows are split alike whether or not one of them needs the slow way."""
    fast = [json.loads(row) for row in split_rows(text.encode(), **LIMITS)]
    assert fast == json.loads(text)
    slow = split_rows(text.encode()[:-1] + (b",NaN]" if fast else b"NaN]"), **LIMITS)
    assert [json.loads(row) for row in slow[:-1]] == fast
    assert slow[-1] == b"NaN"


_TEXTS = st.text('",[]{}\\\n\u00e9', max_size=4)
_VALUES = st.recursive(
    st.integers(-9, 9) | _TEXTS | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(_VALUES, min_size=1, max_size=6), st.sampled_from([None, 1]))
def test_the_slow_split_of_anything(values: list[object], indent: int | None) -> None:
    """The slow way splits any array as a parser does, wherever its brackets, commas and quotes stand."""
    text = json.dumps(values, indent=indent).encode()
    rows = split_rows(text[:-1] + b", NaN ]", **LIMITS)
    assert [json.loads(row) for row in rows[:-1]] == values
    assert rows[-1] == b"NaN"


@pytest.mark.parametrize("end", [b"]", b",1]", b",NaN]", b",NaN ,[]]"])
@pytest.mark.parametrize(
    "row", [b'"' + b"," * 98 + b'"', b"[" + b"1," * 48 + b"11]", b'["' + b"x" * 96 + b'"]', b"1" * 100]
)
def test_the_limit_of_a_row(row: bytes, end: bytes) -> None:
    """A row is as large as its limit or refused, whichever way the array is split."""
    assert split_rows(b"[" + row + end, max_rows=10, max_record=101)[0] == row
    assert split_rows(b"[" + row + end, max_rows=10, max_record=100)[0] == row
    with pytest.raises(Refusal, match="99 bytes"):
        split_rows(b"[" + row + end, max_rows=10, max_record=99)


def test_an_array_of_nothing_but_commas() -> None:
    """Sixteen megabytes of tiny elements are refused at the limit, without an object for each of them."""
    body = b"[" + b"1," * (8 * 1024 * 1024 - 1) + b"1]"
    tracemalloc.start()
    started = perf_counter()
    with pytest.raises(Refusal, match="10,000"):
        split_rows(body, **LIMITS)
    taken, (_, peak) = perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
    assert taken < 5  # generous: it takes some hundredths of a second


def test_spaces_that_come_in_pieces(app: Starlette) -> None:
    """Many pieces of nothing but spaces are read once each: read again with every piece, these would take minutes."""
    answer = ask(app, "POST", "/predict", [b" " * 8_000] * 2_000)
    assert (answer.status, [fault.code for fault in answer.faults()]) == (400, ["malformed"])


@pytest.mark.parametrize("body", [b"[" * 100_000, b'[{"a":NaN},{"b":[' + b"[]," * 50_000 + b"1]}]"])
def test_a_body_of_brackets_is_not_scanned(body: bytes) -> None:
    """What holds more brackets than flat records can need is refused by their count, which costs nothing."""
    with pytest.raises(Refusal, match="more brackets"):
        split_rows(body, **LIMITS)
