from __future__ import annotations

import json
import struct
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.artifact.document import Golden
from augury.contract.fields import Contract, NumberField
from augury.ir.nodes import Linear, Link, Number
from augury.model import Model
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.service.asking import JSON, Answer, ask
from tests.service.models import make_model, make_model_of
from tests.service.tensors import HEADER, INFER, infer, infer_binary, make_binary, make_request
from tests.unit.artifact.documents import make_record

RECORD = make_record()
NAMES = list(RECORD)
TENURE, PARTNER, PHONE = (NAMES.index(name) for name in ("tenure", "partner", "phoneservice"))
Request = dict[str, Any]
Place = tuple[str, str]
# What is done to a request of two rows, and the code and pointer of each fault.
Bad = tuple[str, Callable[[Request], object], list[Place]]


def setting(at: int, /, **members: object) -> Callable[[Request], object]:
    """Set members of an input."""
    return lambda request: request["inputs"][at].update(members)


def dropping(at: int, member: str) -> Callable[[Request], object]:
    """Drop a member of an input."""
    return lambda request: request["inputs"][at].pop(member)


def parametrised(at: int, **parameters: object) -> Callable[[Request], object]:
    """Give an input parameters."""
    return setting(at, parameters=parameters)


def saying(**members: object) -> Callable[[Request], object]:
    """Set members of the request."""
    return lambda request: request.update(members)


def wanting(*outputs: object) -> Callable[[Request], object]:
    """Ask for outputs."""
    return saying(outputs=list(outputs))


def several(*changes: Callable[[Request], object]) -> Callable[[Request], object]:
    """Do one thing after the other."""
    return lambda request: [change(request) for change in changes]


CELL = f"/inputs/{TENURE}/data/1"
BAD: list[Bad] = [
    # The members of the request.
    ("no inputs member", lambda request: request.pop("inputs"), [("absent", "/inputs")]),
    ("inputs that are an object", saying(inputs={}), [("type", "/inputs")]),
    ("inputs that are null", saying(inputs=None), [("type", "/inputs")]),
    ("an input that is text", lambda request: request["inputs"].append("tenure"), [("type", "/inputs/19")]),
    ("an input that is null", lambda request: request["inputs"].insert(0, None), [("type", "/inputs/0")]),
    ("an id that is a number", saying(id=7), [("type", "/id")]),
    ("an id that is an array", saying(id=[]), [("type", "/id")]),
    ("a member that nobody knows", saying(input=[]), [("unknown_key", "/input")]),
    ("outputs that are text", saying(outputs="churn"), [("type", "/outputs")]),
    ("an output that is text", wanting("churn"), [("type", "/outputs/0")]),
    ("parameters that are an array", saying(parameters=[]), [("type", "/parameters")]),
    ("a parameter that is an object", saying(parameters={"a": {}}), [("type", "/parameters")]),
    (
        "a form that is text",
        saying(parameters={"binary_data_output": "yes"}),
        [("type", "/parameters/binary_data_output")],
    ),
    (
        "a form that is a number",
        saying(parameters={"binary_data_output": 1}),
        [("type", "/parameters/binary_data_output")],
    ),
    ("another model", saying(model_name="other"), [("type", "/model_name")]),
    ("another version", saying(model_version="1"), [("type", "/model_version")]),
    # The members of an input.
    ("no name", dropping(0, "name"), [("absent", "/inputs/0/name")]),
    ("no shape", dropping(3, "shape"), [("absent", "/inputs/3/shape")]),
    ("no datatype", dropping(3, "datatype"), [("absent", "/inputs/3/datatype")]),
    ("no data", dropping(TENURE, "data"), [("absent", f"/inputs/{TENURE}/data")]),
    ("data that are null", setting(TENURE, data=None), [("type", f"/inputs/{TENURE}/data")]),
    ("data that are a number", setting(TENURE, data=41), [("type", f"/inputs/{TENURE}/data")]),
    ("data that are an object", setting(TENURE, data={"0": 41}), [("type", f"/inputs/{TENURE}/data")]),
    ("data that are text", setting(PARTNER, data="yesno"), [("type", f"/inputs/{PARTNER}/data")]),
    ("a name that is a number", setting(0, name=0), [("type", "/inputs/0/name")]),
    ("a datatype that is null", setting(0, datatype=None), [("type", "/inputs/0/datatype")]),
    ("a member of an input that nobody knows", setting(0, dtype="FP64"), [("unknown_key", "/inputs/0/dtype")]),
    ("an input's parameter that is an array", parametrised(2, a=[1]), [("type", "/inputs/2/parameters")]),
    (
        "two bad inputs",
        several(dropping(1, "name"), setting(4, shape=3)),
        [("absent", "/inputs/1/name"), ("type", "/inputs/4/shape")],
    ),
    # Which inputs there are.
    ("no input at all", saying(inputs=[]), [*[("absent", "/inputs")] * 18, ("absent", "/inputs")]),
    ("an input that is absent", lambda request: request["inputs"].pop(TENURE), [("absent", "/inputs")]),
    (
        "an unknown input",
        setting(TENURE, name="age"),
        [("unknown_key", f"/inputs/{TENURE}/name"), ("absent", "/inputs")],
    ),
    (
        "an unknown name that is long",
        setting(TENURE, name="x" * 9000),
        [("unknown_key", f"/inputs/{TENURE}/name"), ("absent", "/inputs")],
    ),
    (
        "an input twice",
        lambda request: request["inputs"].append(dict(request["inputs"][TENURE])),
        [("duplicate_key", "/inputs/19/name")],
    ),
    (
        "an input in two spellings",
        lambda request: request["inputs"].append(request["inputs"][TENURE] | {"name": "Tenure"}),
        [("ambiguous_key", "/inputs/19/name")],
    ),
    # Datatypes.
    ("an unknown datatype", setting(TENURE, datatype="DOUBLE"), [("type", f"/inputs/{TENURE}/datatype")]),
    ("a datatype in small letters", setting(TENURE, datatype="fp64"), [("type", f"/inputs/{TENURE}/datatype")]),
    ("FP16", setting(TENURE, datatype="FP16"), [("type", f"/inputs/{TENURE}/datatype")]),
    ("BF16", setting(TENURE, datatype="BF16"), [("type", f"/inputs/{TENURE}/datatype")]),
    (
        "texts for a number",
        setting(TENURE, datatype="BYTES", data=["41", "41"]),
        [("type", f"/inputs/{TENURE}/datatype")],
    ),
    (
        "booleans for a number",
        setting(TENURE, datatype="BOOL", data=[True, True]),
        [("type", f"/inputs/{TENURE}/datatype")],
    ),
    ("numbers for a text", setting(PARTNER, datatype="INT64", data=[1, 1]), [("type", f"/inputs/{PARTNER}/datatype")]),
    ("numbers for a boolean", setting(PHONE, datatype="UINT8", data=[1, 1]), [("type", f"/inputs/{PHONE}/datatype")]),
    (
        "texts for a boolean",
        setting(PHONE, datatype="BYTES", data=["yes", "no"]),
        [("type", f"/inputs/{PHONE}/datatype")],
    ),
    (
        "booleans for an integer level",
        setting(13, datatype="BOOL", data=[True, True]),
        [("type", "/inputs/13/datatype")],
    ),
    # Shapes.
    ("an empty shape", setting(TENURE, shape=[]), [("type", f"/inputs/{TENURE}/shape")]),
    ("two columns", setting(TENURE, shape=[1, 2]), [("type", f"/inputs/{TENURE}/shape")]),
    ("three dimensions", setting(TENURE, shape=[2, 1, 1]), [("type", f"/inputs/{TENURE}/shape")]),
    ("no column", setting(TENURE, shape=[2, 0]), [("type", f"/inputs/{TENURE}/shape")]),
    ("a negative shape", setting(TENURE, shape=[-1, 1]), [("type", f"/inputs/{TENURE}/shape")]),
    ("a shape with a fraction", setting(TENURE, shape=[1.5, 1]), [("type", f"/inputs/{TENURE}/shape/0")]),
    ("a shape of text", setting(TENURE, shape=["2", 1]), [("type", f"/inputs/{TENURE}/shape/0")]),
    ("a shape of booleans", setting(TENURE, shape=[2, True]), [("type", f"/inputs/{TENURE}/shape/1")]),
    ("a shape that is a number", setting(TENURE, shape=2), [("type", f"/inputs/{TENURE}/shape")]),
    ("an immense shape", setting(TENURE, shape=[2**70]), [("type", f"/inputs/{TENURE}/shape")]),
    ("fewer rows than the others", setting(TENURE, shape=[1, 1], data=[41]), [("type", f"/inputs/{TENURE}/shape")]),
    ("more rows than the others", setting(TENURE, shape=[3], data=[4, 4, 4]), [("type", f"/inputs/{TENURE}/shape")]),
    ("fewer values than the shape says", setting(TENURE, data=[41.0]), [("type", f"/inputs/{TENURE}/data")]),
    ("more values than the shape says", setting(TENURE, data=[41.0] * 3), [("type", f"/inputs/{TENURE}/data")]),
    ("no values", setting(TENURE, data=[]), [("type", f"/inputs/{TENURE}/data")]),
    # Values that are none of their datatype.
    ("a text among FP64", setting(TENURE, data=[41.0, "41"]), [("type", CELL)]),
    ("a boolean among FP64", setting(TENURE, data=[41.0, True]), [("type", CELL)]),
    ("an object among FP64", setting(TENURE, data=[41.0, {"a": 1}]), [("type", CELL)]),
    ("an array among FP64", setting(TENURE, data=[41.0, [41.0]]), [("type", CELL)]),
    (
        "nested twice",
        setting(TENURE, data=[[[41.0]], [[41.0]]]),
        [("type", f"/inputs/{TENURE}/data/{at}/0") for at in (0, 1)],
    ),
    (
        "nested with two values",
        setting(TENURE, data=[[41.0, 41.0], [41.0]]),
        [("type", f"/inputs/{TENURE}/data/{at}") for at in (0, 1)],
    ),
    (
        "nested in one dimension",
        setting(TENURE, shape=[2], data=[[41.0], [41.0]]),
        [("type", f"/inputs/{TENURE}/data/{at}") for at in (0, 1)],
    ),
    ("a fraction among INT64", setting(TENURE, datatype="INT64", data=[41, 1.5]), [("not_integer", CELL)]),
    ("a text among INT64", setting(TENURE, datatype="INT64", data=[41, "41"]), [("type", CELL)]),
    ("a boolean among INT64", setting(TENURE, datatype="INT64", data=[41, False]), [("type", CELL)]),
    ("beyond INT8", setting(TENURE, datatype="INT8", data=[41, 128]), [("type", CELL)]),
    ("below INT8", setting(TENURE, datatype="INT8", data=[41, -129]), [("type", CELL)]),
    ("beyond UINT8", setting(TENURE, datatype="UINT8", data=[41, 256]), [("type", CELL)]),
    ("below UINT64", setting(TENURE, datatype="UINT64", data=[41, -1]), [("type", CELL)]),
    ("beyond INT64", setting(TENURE, datatype="INT64", data=[41, 2**63]), [("type", CELL)]),
    ("beyond INT32 with a point", setting(TENURE, datatype="INT32", data=[41, 2.0**31]), [("not_integer", CELL)]),
    ("a number among BYTES", setting(PARTNER, data=["yes", 1]), [("type", f"/inputs/{PARTNER}/data/1")]),
    ("a fraction among BYTES", setting(PARTNER, data=["yes", 0.5]), [("type", f"/inputs/{PARTNER}/data/1")]),
    ("a fraction among BOOL", setting(PHONE, data=[True, 0.5]), [("type", f"/inputs/{PHONE}/data/1")]),
    ("a number among BOOL", setting(PHONE, data=[True, 1]), [("type", f"/inputs/{PHONE}/data/1")]),
    ("a text among BOOL", setting(PHONE, data=[True, "true"]), [("type", f"/inputs/{PHONE}/data/1")]),
    (
        "two bad columns",
        several(setting(TENURE, data=["a", "b"]), setting(PHONE, data=[0, True])),
        [("type", f"/inputs/{PHONE}/data/0"), ("type", f"/inputs/{TENURE}/data/0"), ("type", CELL)],
    ),
    # Values that the contract refuses.
    ("a null where there is no rule", setting(TENURE, data=[41.0, None]), [("null", CELL)]),
    ("a null level", setting(PARTNER, data=["yes", None]), [("null", f"/inputs/{PARTNER}/data/1")]),
    ("a null boolean", setting(PHONE, data=[None, True]), [("null", f"/inputs/{PHONE}/data/0")]),
    ("a fraction of an integer", setting(TENURE, data=[41.0, 1.5]), [("not_integer", CELL)]),
    ("far out of range", setting(TENURE, data=[41.0, -999.0]), [("range", CELL)]),
    ("far out of range, nested", setting(TENURE, data=[[41.0], [-999.0]]), [("range", f"{CELL}/0")]),
    ("an integer beyond 2**53", setting(TENURE, datatype="INT64", data=[41, 2**53 + 1]), [("not_integer", CELL)]),
    (
        "a fraction of a number in INT64",
        setting(17, datatype="INT64", data=[80, 80.5]),
        [("not_integer", "/inputs/17/data/1")],
    ),
    ("an integer that FP64 rounds to 2**53", setting(TENURE, data=[41.0, 2**53 + 1]), [("range", CELL)]),
    ("an integer of 30 digits", setting(TENURE, data=[41.0, 10**30]), [("not_integer", CELL)]),
    ("an integer of 400 digits", setting(TENURE, data=[41.0, 10**400]), [("not_finite", CELL)]),
    ("a single that is too large", setting(TENURE, datatype="FP32", data=[41.0, 1e39]), [("not_finite", CELL)]),
    ("an unseen level", setting(PARTNER, data=["yes", "maybe"]), [("level", f"/inputs/{PARTNER}/data/1")]),
    ("an unseen integer level", setting(13, data=[0, 2]), [("level", "/inputs/13/data/1")]),
    (
        "a control character",
        setting(PARTNER, data=["yes", "no\u0000"]),
        [("control_character", f"/inputs/{PARTNER}/data/1")],
    ),
    ("an empty text", setting(PARTNER, data=["yes", ""]), [("level", f"/inputs/{PARTNER}/data/1")]),
    (
        "two bad rows",
        several(setting(TENURE, data=[-999.0, 41.0]), setting(PARTNER, data=["yes", "maybe"])),
        [("range", f"/inputs/{TENURE}/data/0"), ("level", f"/inputs/{PARTNER}/data/1")],
    ),
    # What would mean something else elsewhere.
    ("base64", parametrised(PARTNER, content_type="base64"), [("type", f"/inputs/{PARTNER}/parameters/content_type")]),
    ("dates", parametrised(PARTNER, content_type="datetime"), [("type", f"/inputs/{PARTNER}/parameters/content_type")]),
    (
        "a content type that is a number",
        parametrised(PARTNER, content_type=1),
        [("type", f"/inputs/{PARTNER}/parameters/content_type")],
    ),
    (
        "shared memory",
        parametrised(TENURE, shared_memory_region="a"),
        [("unknown_key", f"/inputs/{TENURE}/parameters/shared_memory_region")],
    ),
    ("an unknown output", wanting({"name": "probability"}), [("unknown_key", "/outputs/0/name")]),
    ("an output twice", wanting({"name": "churn"}, {"name": "churn"}), [("duplicate_key", "/outputs/1/name")]),
    ("an output without a name", wanting({}), [("absent", "/outputs/0/name")]),
    (
        "an output with a datatype",
        wanting({"name": "churn", "datatype": "FP32"}),
        [("unknown_key", "/outputs/0/datatype")],
    ),
    (
        "classes",
        wanting({"name": "churn", "parameters": {"classification": 1}}),
        [("unknown_key", "/outputs/0/parameters/classification")],
    ),
    (
        "an output in shared memory",
        wanting({"name": "churn", "parameters": {"shared_memory_region": "a"}}),
        [("unknown_key", "/outputs/0/parameters/shared_memory_region")],
    ),
    (
        "an output's form that is text",
        wanting({"name": "churn", "parameters": {"binary_data": "no"}}),
        [("type", "/outputs/0/parameters/binary_data")],
    ),
    # Sizes of tensors in binary that are not there, or cannot be.
    (
        "bytes that are not there",
        several(dropping(TENURE, "data"), parametrised(TENURE, binary_data_size=16)),
        [("malformed", "")],
    ),
    (
        "a negative size",
        several(dropping(TENURE, "data"), parametrised(TENURE, binary_data_size=-8)),
        [("type", f"/inputs/{TENURE}/parameters/binary_data_size")],
    ),
    (
        "a size with a fraction",
        several(dropping(TENURE, "data"), parametrised(TENURE, binary_data_size=8.5)),
        [("type", f"/inputs/{TENURE}/parameters/binary_data_size")],
    ),
    (
        "a size that is true",
        several(dropping(TENURE, "data"), parametrised(TENURE, binary_data_size=True)),
        [("type", f"/inputs/{TENURE}/parameters/binary_data_size")],
    ),
    (
        "a size that is text",
        several(dropping(TENURE, "data"), parametrised(TENURE, binary_data_size="16")),
        [("type", f"/inputs/{TENURE}/parameters/binary_data_size")],
    ),
    ("data and a size", parametrised(TENURE, binary_data_size=0), [("ambiguous_key", f"/inputs/{TENURE}/data")]),
]


def check_refused(answer: Answer, places: list[Place]) -> None:
    """Check that a request is refused for this, in the form that the protocol and this service have."""
    status = 400 if any(code in {"malformed", "encoding", "too_deep"} for code, _ in places) else 422
    assert (answer.status, answer.header("content-type")) == (status, "application/json")
    assert [(fault.code, fault.pointer) for fault in answer.faults()] == places
    said = answer.json()
    assert said["error"] == said["detail"]
    assert said["type"] == "urn:augury:problem:record-refused"
    assert len(answer.body) < 20_000


@pytest.mark.parametrize(("change", "places"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_request(app: Starlette, change: Callable[[Request], object], places: list[Place]) -> None:
    """What the protocol or the contract does not allow is refused, with the place of everything that is wrong."""
    request = make_request(RECORD, RECORD)
    change(request)
    check_refused(infer(app, request), places)


GOOD = json.dumps(make_request(RECORD)).encode()
BODIES = {
    "nothing": (b"", [("malformed", "")]),
    "no JSON": (b"tenure=41", [("malformed", "")]),
    "half of it": (GOOD[:-1], [("malformed", "")]),
    "more behind it": (GOOD + b"{}", [("malformed", "")]),
    "an array": (b"[" + GOOD + b"]", [("type", "")]),
    "null": (b"null", [("type", "")]),
    "a text": (b'"inputs"', [("type", "")]),
    "no UTF-8": (GOOD.replace(b'"yes"', b'"y\xff"', 1), [("encoding", "")]),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, [("encoding", "")]),
    "half of a surrogate pair": (GOOD.replace(b'"yes"', b'"\\ud800"', 1), [("encoding", "")]),
    "nested too deeply": (b'{"inputs":' + b"[" * 9 + b"]" * 9 + b"}", [("too_deep", "")]),
    "nested without end": (b'{"inputs":' + b"[" * 900, [("too_deep", "")]),
    "inputs twice": (GOOD[:-1] + b',"inputs":[]}', [("duplicate_key", "/inputs")]),
    "a name twice": (GOOD.replace(b'"name"', b'"name": "a", "name"', 1), [("duplicate_key", "/inputs/0/name")]),
    "data twice": (GOOD.replace(b'"data"', b'"data": [1], "data"', 1), [("duplicate_key", "/inputs/0/data")]),
    "a parameter twice": (
        GOOD[:-1] + b',"parameters":{"a":1,"a":1}}',
        [("duplicate_key", "/parameters/a")],
    ),
    "NaN": (GOOD.replace(b"41.0", b"NaN"), [("not_finite", f"/inputs/{TENURE}/data/0")]),
    "Infinity": (GOOD.replace(b"41.0", b"Infinity"), [("not_finite", f"/inputs/{TENURE}/data/0")]),
    "a number beyond a double": (GOOD.replace(b"41.0", b"1e400"), [("not_finite", f"/inputs/{TENURE}/data/0")]),
    "5,000 digits": (GOOD.replace(b"41.0", b"9" * 5000), [("not_finite", f"/inputs/{TENURE}/data/0")]),
    "a shape beyond a double": (GOOD.replace(b"[1, 1]", b"[1e400, 1]", 1), [("type", "/inputs/0/shape/0")]),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body(app: Starlette, name: str) -> None:
    """What is no request at all is refused as it would be of a record."""
    body, places = BODIES[name]
    check_refused(ask(app, "POST", INFER, body), places)


def alter(content: bytes, name: str, size: int) -> bytes:
    """The JSON of a request that says another size of an input's bytes."""
    request = json.loads(content)
    [found] = [each for each in request["inputs"] if each["name"] == name]
    found["parameters"]["binary_data_size"] = size
    return json.dumps(request).encode()


def cut(text: bytes) -> tuple[bytes, bytes]:
    """A request of one row of which the input `partner` is these bytes."""
    content, _ = make_binary(make_request(RECORD), {"partner"})
    return alter(content, "partner", len(text)), text


CONTENT, BINARY = make_binary(make_request(RECORD), {"tenure"})
PHONES = make_binary(make_request(RECORD), {"phoneservice"})
PLACE, TEXT, FLAG = (f"/inputs/{at}/data" for at in (TENURE, PARTNER, PHONE))
BINARIES = {
    "cut off": (CONTENT, BINARY[:-1], [("malformed", "")]),
    "a byte more": (CONTENT, BINARY + b"\0", [("malformed", "")]),
    "no bytes": (CONTENT, b"", [("malformed", "")]),
    "a size that is short": (alter(CONTENT, "tenure", 4), BINARY[:4], [("malformed", PLACE)]),
    "a size that is long": (alter(CONTENT, "tenure", 16), BINARY * 2, [("malformed", PLACE)]),
    "a size of nothing": (alter(CONTENT, "tenure", 0), b"", [("malformed", PLACE)]),
    "an immense size": (alter(CONTENT, "tenure", 2**62), BINARY, [("malformed", "")]),
    "a size beyond 64 bits": (alter(CONTENT, "tenure", 2**80), BINARY, [("malformed", "")]),
    "a text's length cut off": (*cut(b"\3\0\0"), [("malformed", TEXT)]),
    "a text cut off": (*cut(b"\3\0\0\0ye"), [("malformed", TEXT)]),
    "a text with more behind it": (*cut(b"\3\0\0\0yes\0"), [("malformed", TEXT)]),
    "two texts in place of one": (*cut(b"\3\0\0\0yes\3\0\0\0yes"), [("malformed", TEXT)]),
    "no text": (*cut(b""), [("malformed", TEXT)]),
    "a text of four gigabytes": (*cut(b"\xff\xff\xff\xffyes"), [("malformed", TEXT)]),
    "a length in the other order": (*cut(b"\0\0\0\3yes"), [("malformed", TEXT)]),
    "a text that is no UTF-8": (*cut(b"\3\0\0\0y\xffs"), [("encoding", f"{TEXT}/0")]),
    "a text with a surrogate": (*cut(b"\3\0\0\0\xed\xa0\x80"), [("encoding", f"{TEXT}/0")]),
    "a text with a zero": (*cut(b"\4\0\0\0yes\0"), [("control_character", f"{TEXT}/0")]),
    "an empty text": (*cut(b"\0\0\0\0"), [("level", f"{TEXT}/0")]),
    "an unseen level": (*cut(b"\5\0\0\0maybe"), [("level", f"{TEXT}/0")]),
    "a boolean that is two": (PHONES[0], b"\2", [("malformed", FLAG)]),
    "a boolean that is 255": (PHONES[0], b"\xff", [("malformed", FLAG)]),
    "infinity": (CONTENT, struct.pack("<d", float("inf")), [("not_finite", f"{PLACE}/0")]),
    "minus infinity": (CONTENT, struct.pack("<d", float("-inf")), [("not_finite", f"{PLACE}/0")]),
    "NaN where there is no rule": (CONTENT, struct.pack("<d", float("nan")), [("null", f"{PLACE}/0")]),
    "the other order of bytes": (CONTENT, struct.pack(">d", 41.0), [("not_integer", f"{PLACE}/0")]),
    "out of range": (CONTENT, struct.pack("<d", -999.0), [("range", f"{PLACE}/0")]),
}


@pytest.mark.parametrize("name", BINARIES)
def test_bad_bytes(app: Starlette, name: str) -> None:
    """Bytes that are not what the JSON says are refused, and never read beyond."""
    content, binary, places = BINARIES[name]
    check_refused(infer_binary(app, content, binary), places)


@pytest.mark.parametrize(
    "length", ["", "x", "-1", "+5", "1.5", "1e3", " 5", "0x10", "١", "99999999", "9" * 19, "9" * 5000, "0"]
)
def test_a_length_that_is_none(app: Starlette, length: str) -> None:
    """A header that is no length, or one beyond the body, is refused."""
    headers = [(HEADER.encode(), length.encode()), (b"content-type", b"application/octet-stream")]
    check_refused(ask(app, "POST", INFER, CONTENT + BINARY, headers), [("malformed", "")])


@pytest.mark.parametrize("off", [-1, 1])
def test_a_length_that_is_wrong(app: Starlette, off: int) -> None:
    """A header that is off by one leaves no JSON, and is refused."""
    check_refused(infer_binary(app, CONTENT, BINARY, str(len(CONTENT) + off)), [("malformed", "")])


def test_a_length_that_comes_twice(app: Starlette) -> None:
    """Of two lengths none is believed."""
    headers = [(HEADER.encode(), str(len(CONTENT)).encode())] * 2
    check_refused(ask(app, "POST", INFER, CONTENT + BINARY, headers), [("malformed", "")])


def test_every_truncation(app: Starlette) -> None:
    """However a body is cut off, it is refused."""
    content, binary = make_binary(make_request(RECORD), {"tenure", "partner", "phoneservice"})
    whole = content + binary
    headers = {HEADER: str(len(content))}
    statuses = {ask(app, "POST", INFER, whole[:end], headers).status for end in range(len(whole) - 200, len(whole))}
    assert statuses == {400}
    assert ask(app, "POST", INFER, whole, headers).status == 200


@pytest.mark.parametrize("seed", range(20))
def test_mutated_bodies(app: Starlette, seed: int) -> None:
    """Whatever is done to the bytes of a request, it is answered or refused, and never a fault of ours."""
    random = Random(seed)
    content, binary = make_binary(make_request(RECORD, RECORD), {"tenure", "partner", "phoneservice"})
    whole = content + binary
    for _ in range(50):
        body = bytearray(whole)
        for _ in range(random.choice((1, 1, 2, 5))):
            start = random.randrange(len(body))
            piece = random.choice(
                (b"", b"\0", b"\xff", b'"', b"[", b"}", b"-1", b"9" * 20, body[: random.randrange(90)])
            )
            body[start : start + random.randrange(4)] = piece
        length = len(content) + random.choice((0, 0, 0, len(body) - len(whole)))
        answer = ask(app, "POST", INFER, bytes(body), {HEADER: str(length)})
        assert answer.status in {200, 400, 422}
        assert answer.status == 200 or answer.json()["error"]


def test_more_faults_than_an_answer_lists(app: Starlette) -> None:
    """Of the faults of many rows twenty are told, and how many others there are."""
    answer = infer(app, make_request(*[RECORD | {"tenure": -999.0, "partner": "maybe"}] * 15))
    assert len(answer.faults()) == 20
    assert answer.json()["more"] == 10


def test_a_row_with_more_faults_than_a_record_lists() -> None:
    """Faults that the record's own door only counts are counted here as well."""
    names = [f"x{at}" for at in range(25)]
    contract = Contract(fields=tuple(NumberField(name=name) for name in names))
    predictor = Link((Linear(tuple(map(Number, names)), (0.0,) * 25, 0.0),))
    golden = (Golden(dict.fromkeys(names, 0.0), 0.0),)
    app = create_app([make_model_of("churn", contract, predictor, golden)], settings=Settings())
    answer = infer(app, make_request(dict.fromkeys(names, 0.0), dict.fromkeys(names)))
    assert (len(answer.faults()), answer.json()["more"]) == (20, 5)


def test_a_row_that_overflows() -> None:
    """A fault of a row as a whole, which has no one place, says which row it is."""
    contract = Contract(fields=(NumberField(name="x"),))
    predictor = Link((Linear((Number("x"),), (1e308,), 0.0),))
    app = create_app([make_model_of("churn", contract, predictor, (Golden({"x": 0.0}, 0.0),))], settings=Settings())
    answer = infer(app, make_request({"x": 0.0}, {"x": 1e10}))
    [fault] = answer.faults()
    assert (answer.status, fault.code, fault.pointer) == (422, "overflow", "/inputs")
    assert fault.detail.startswith("row 1: ")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v2/nothing", 404, "not-found"),
        ("GET", "/v2/", 404, "not-found"),
        ("GET", "/v2/models/other", 404, "not-found"),
        ("GET", "/v2/models/other/ready", 404, "not-found"),
        ("POST", "/v2/models/other/infer", 404, "not-found"),
        ("POST", "/v2/models/churn/versions/1/infer", 404, "not-found"),
        ("GET", "/v2/models/churn/config", 404, "not-found"),
        ("GET", "/v2/models/stats", 404, "not-found"),
        ("POST", "/v2", 405, "method-not-allowed"),
        ("GET", INFER, 405, "method-not-allowed"),
        ("PUT", "/v2/health/live", 405, "method-not-allowed"),
        ("GET", "/v2/repository/index", 405, "method-not-allowed"),
        ("POST", "/v2/repository/models/churn/load", 403, "files-only"),
        ("POST", "/v2/repository/models/other/load", 403, "files-only"),
        ("POST", "/v2/repository/models/churn/unload", 403, "files-only"),
    ],
)
def test_a_path_that_is_refused(app: Starlette, method: str, path: str, status: int, kind: str) -> None:
    """Every error on the protocol's paths is JSON that says what is wrong in its member `error`."""
    answer = ask(app, method, path, b"{}")
    said = answer.json()
    assert (answer.status, said["type"]) == (status, f"urn:augury:problem:{kind}")
    assert answer.header("content-type") == "application/json"
    assert said["error"] == said["detail"]
    assert (answer.header("allow") is not None) == (status == 405)


@pytest.mark.parametrize("path", ["/v2x", "/v22", "/", "/models/v2", "/predict/v2"])
def test_other_paths_have_problems(app: Starlette, path: str) -> None:
    """Beside the protocol's paths an error is a problem, and has no member `error`."""
    answer = ask(app, "DELETE", path)
    assert answer.header("content-type") == "application/problem+json"
    assert "error" not in answer.json()


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/csv"},
        {"content-type": "application/octet-stream"},
        {"content-type": "application/json; charset=utf-16"},
        JSON | {"content-encoding": "gzip"},
        {HEADER: str(len(GOOD)), "content-type": "text/plain"},
        {HEADER: str(len(GOOD)), "content-type": "application/octet-stream", "content-encoding": "deflate"},
    ],
)
def test_a_body_of_another_type(app: Starlette, headers: dict[str, str]) -> None:
    """A body that is said to be something else, or is compressed, is refused unread."""
    answer = ask(app, "POST", INFER, GOOD, headers)
    assert (answer.status, answer.json()["type"]) == (415, "urn:augury:problem:unsupported-media-type")
    assert answer.json()["error"]


def test_a_body_that_is_too_large() -> None:
    """A body beyond the limit for arrays is refused; one beyond the limit for a record is not."""
    app = create_app([make_model()], settings=Settings(max_body=20_000, max_record=1000))
    assert len(GOOD) > 1000
    assert ask(app, "POST", INFER, GOOD).status == 200
    for body in (GOOD + b" " * 20_000, [GOOD, b" " * 20_000]):
        answer = ask(app, "POST", INFER, body)
        assert (answer.status, answer.json()["error"]) == (
            413,
            "the body is larger than 20,000 bytes; send less at once",
        )


@pytest.mark.parametrize(
    ("item", "count"), [(b"[],", 300_000), (b"{},", 300_000), (b"1,", 2_000_000), (b'"",', 2_000_000)]
)
def test_a_body_of_more_values_than_rows_have(app: Starlette, item: bytes, count: int) -> None:
    """What holds more values, arrays or objects than the longest request is refused before they take memory."""
    body = b'{"inputs":[{"name":"tenure","shape":[1],"datatype":"FP64","data":[' + item * count + b"1]}]}"
    answer = ask(app, "POST", INFER, body)
    assert (answer.status, answer.json()["type"]) == (413, "urn:augury:problem:too-large")


@pytest.mark.parametrize("body", [b"[]", b'{"ready": 1}', b'{"ready": true, "ready": false}', b'{"all": true}', b"x"])
def test_an_index_that_is_asked_wrongly(app: Starlette, body: bytes) -> None:
    """A body that is no request for the index is refused."""
    assert ask(app, "POST", "/v2/repository/index", body).status in {400, 422}


def test_a_fault_of_ours(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    """Where the service itself fails, the caller gets JSON with `error` and not a word of how."""

    class Broken(type(model)):  # type: ignore[misc]
        """A model whose threshold cannot be read."""

        def __init__(self) -> None:
            self.__dict__ = model.__dict__

        @property
        def threshold(self) -> float:
            raise ZeroDivisionError("secret")

    answer = infer(create_app([Broken()], settings=Settings()), make_request(RECORD))
    assert (answer.status, answer.json()["type"]) == (500, "urn:augury:problem:internal")
    assert answer.json()["error"]
    assert b"secret" not in answer.body
    assert caplog.records
