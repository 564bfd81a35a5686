"""Arrays and lines: what refuses one row and no other, and what nobody can split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.service.bad_inputs.case import JSON_TYPE, LINES_TYPE, RECORD, Case, Places, write_record, write_request

PATHS = (
    "/predict",
    "/explain",
    "/predict?explain=true",
    "/models/churn/predict",
    "/models/churn/explain",
)

_NO_OBJECT: Places = (("not_an_object", ""),)
_OUT: Places = (("range", "/tenure"),)
_NULL: Places = (("null", "/tenure"),)
_BAD_TEXT: Places = (("encoding", ""),)
_BAD = write_record(tenure=b"-999")
_NAN = write_record(tenure=b"NaN")

# The rows of an array as they are sent, and the faults of each.
ROWS: dict[str, tuple[Sequence[bytes], Sequence[Places]]] = {
    "a number": ([b"1"], [_NO_OBJECT]),
    "a text": ([b'"a,b]"'], [_NO_OBJECT]),
    "true": ([b"true"], [_NO_OBJECT]),
    "null": ([b"null"], [_NO_OBJECT]),
    "an array": ([b"[]"], [_NO_OBJECT]),
    "an array of records": ([b"[" + RECORD + b"]"], [_NO_OBJECT]),
    "NaN": ([b"NaN"], [_NO_OBJECT]),
    "Infinity": ([b"-Infinity"], [_NO_OBJECT]),
    "1e400": ([b"1e400"], [_NO_OBJECT]),
    "five scalars": ([b"1", b"null", b'""', b"[]", b"false"], [_NO_OBJECT] * 5),
    "a bad row first": ([_BAD, RECORD, RECORD], [_OUT, (), ()]),
    "a bad row in the middle": ([RECORD, _BAD, RECORD], [(), _OUT, ()]),
    "a bad row at the end": ([RECORD, RECORD, _BAD], [(), (), _OUT]),
    "bad rows around a good one": ([_BAD, RECORD, write_record(tenure=b"null")], [_OUT, (), _NULL]),
    "NaN in a row": ([RECORD, _NAN, RECORD], [(), (("not_finite", "/tenure"),), ()]),
    "no UTF-8 in a row": ([RECORD, write_record(gender=b'"\xff"'), RECORD], [(), _BAD_TEXT, ()]),
    "half of a pair in a row": ([RECORD, write_record(gender=b'"\\ud83d"'), RECORD], [(), _BAD_TEXT, ()]),
    "half of a pair and NaN": (
        [write_record(gender=b'"\\ud83d"'), RECORD, _NAN],
        [_BAD_TEXT, (), (("not_finite", "/tenure"),)],
    ),
    "a deep row": ([RECORD, b"[" * 20 + b"]" * 20, RECORD], [(), (("too_deep", ""),), ()]),
    "a row of 5,000 brackets": ([b"[" * 5000 + b"]" * 5000, RECORD], [(("too_deep", ""),), ()]),
    "a key twice in a row": ([RECORD, RECORD[:-1] + b',"tenure":1}'], [(), (("duplicate_key", "/tenure"),)]),
    "fifty bad rows": ([_BAD] * 50, [_OUT] * 50),
    "250 rows, each other one bad": ([RECORD, _BAD] * 125, [(), _OUT] * 125),
}

# What begins as an array and is none.
NO_ARRAYS: dict[str, tuple[bytes, str]] = {
    "an open bracket": (b"[", "malformed"),
    "an open bracket after a space": (b" \t\r\n[", "malformed"),
    "no closing bracket": (b"[" + RECORD, "malformed"),
    "no closing bracket after a comma": (b"[" + RECORD + b",", "malformed"),
    "a comma at the end": (b"[" + RECORD + b",]", "malformed"),
    "a comma at the beginning": (b"[," + RECORD + b"]", "malformed"),
    "a comma alone": (b"[,]", "malformed"),
    "two commas": (b"[" + RECORD + b",," + RECORD + b"]", "malformed"),
    "no comma": (b"[" + RECORD + b" " + RECORD + b"]", "malformed"),
    "a semicolon": (b"[" + RECORD + b";" + RECORD + b"]", "malformed"),
    "a colon": (b"[1:2]", "malformed"),
    "two closing brackets": (b"[" + RECORD + b"]]", "malformed"),
    "a brace for a bracket": (b"[" + RECORD + b"}", "malformed"),
    "two arrays": (b"[" + RECORD + b"][" + RECORD + b"]", "malformed"),
    "an array and a word": (b"[" + RECORD + b"] x", "malformed"),
    "an array and a null byte": (b"[" + RECORD + b"]\0", "malformed"),
    "a row that is a word": (b"[" + RECORD + b",nonsense]", "malformed"),
    "a row that does not end": (b"[" + RECORD + b"," + RECORD[:-1] + b"]", "malformed"),
    "a text that does not end": (b'["', "malformed"),
    "a text of escapes that does not end": (b'["' + b'\\"' * 3000, "malformed"),
    "a bare FF": (b"[\xff]", "encoding"),
    "FF behind a row": (b"[" + RECORD + b"\xff]", "encoding"),
    "FF behind the array": (b"[" + RECORD + b"]\xff", "encoding"),
    "deep without end": (b"[" * 5000, "too_deep"),
    "deep objects without end": (b"[" + b'{"a":' * 5000, "too_deep"),
}

# Lines as they are sent, each with its end, and the faults of those that are answered.
LINES: dict[str, tuple[bytes, Sequence[Places]]] = {
    "a bad line first": (_BAD + b"\n" + RECORD + b"\n", [_OUT, ()]),
    "a bad line in the middle": (RECORD + b"\n" + _BAD + b"\n" + RECORD + b"\n", [(), _OUT, ()]),
    "a bad line without an end": (RECORD + b"\n" + _BAD, [(), _OUT]),
    "a bad line that ends as in DOS": (_BAD + b"\r\n" + RECORD + b"\r\n", [_OUT, ()]),
    "no JSON between records": (RECORD + b"\nnonsense\n" + RECORD + b"\n", [(), (("malformed", ""),), ()]),
    "half a record": (RECORD[:200] + b"\n" + RECORD[200:] + b"\n", [(("malformed", ""),)] * 2),
    "a record that is indented": (RECORD.replace(b",", b",\n", 1) + b"\n", [(("malformed", ""),)] * 2),
    "two records in a line": (RECORD + RECORD + b"\n" + RECORD + b"\n", [(("malformed", ""),), ()]),
    "a comma behind a record": (RECORD + b",\n" + RECORD + b"\n", [(("malformed", ""),), ()]),
    "an array for a line": (b"[" + RECORD + b"]\n" + RECORD + b"\n", [_NO_OBJECT, ()]),
    "a whole array": (b"[\n" + RECORD + b"\n]\n", [(("malformed", ""),), (), (("malformed", ""),)]),
    "scalars": (b'1\nnull\n"a"\ntrue\n', [_NO_OBJECT] * 4),
    "a mark of byte order": (b"\xef\xbb\xbf" + RECORD + b"\n" + RECORD + b"\n", [_BAD_TEXT, ()]),
    "no UTF-8": (b"\xff\n" + RECORD + b"\n", [_BAD_TEXT, ()]),
    "UTF-16": (RECORD.decode().encode("utf-16-le") + b"\n", [(("malformed", ""),)]),
    "a null byte": (b"\0\n" + RECORD + b"\n", [(("malformed", ""),), ()]),
    "carriage returns": (RECORD + b"\r" + RECORD + b"\n", [(("malformed", ""),)]),
    "a form feed": (b"\x0c\n" + RECORD + b"\n", [(("malformed", ""),), ()]),
    "empty lines around a bad one": (b"\n\n \t\r\n" + _BAD + b"\n\n", [_OUT]),
    "a deep line": (b"[" * 5000 + b"\n" + RECORD + b"\n", [(("too_deep", ""),), ()]),
    "300 bad lines": (b"x\n" * 300, [(("malformed", ""),)] * 300),
}


def make_cases() -> Iterator[Case]:
    """Each array and each stream of lines at each path that takes them."""
    for path in PATHS:
        for name, (sent, faults) in ROWS.items():
            body = b"[" + b" , ".join(sent) + b"]"
            request = write_request(path, body, JSON_TYPE)
            yield Case(name=f"array, {name}: {path}", request=request, status=200, rows=tuple(faults))
        for name, (body, code) in NO_ARRAYS.items():
            request = write_request(path, body, JSON_TYPE)
            yield Case(name=f"no array, {name}: {path}", request=request, status=400, places=((code, ""),))
        for name, (body, faults) in LINES.items():
            request = write_request(path, body, LINES_TYPE)
            yield Case(name=f"lines, {name}: {path}", request=request, status=200, rows=tuple(faults))
