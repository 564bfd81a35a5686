import hashlib
import math

import msgspec
import pytest
from msgspec import structs

from augury.artifact.canonical import digest, render, seal
from augury.artifact.document import Document
from augury.artifact.read import parse_artifact
from augury.contract.fields import Bounds, NumberField
from augury.errors import ArtifactError
from tests.unit.artifact.documents import make_artifact, make_document, reseal

# A change of any of these spellings would make every artifact that was ever written unreadable.
NUMBERS = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (-41.0, "-41.0"),
    (0.1, "0.1"),
    (0.1 + 0.2, "0.30000000000000004"),
    (1 / 3, "0.3333333333333333"),
    (1e-5, "0.00001"),
    (1.5e-5, "0.000015"),
    (1e-7, "1e-7"),
    (123456.789, "123456.789"),
    (1e15, "1000000000000000.0"),
    (1e16, "1e16"),
    (123456789012345680.0, "1.2345678901234568e17"),
    (1e21, "1e21"),
    (1e22, "1e22"),
    (1.7976931348623157e308, "1.7976931348623157e308"),
    (2.2250738585072014e-308, "2.2250738585072014e-308"),
    (5e-324, "5e-324"),
    (float(2**53), "9007199254740992.0"),
]
INTEGERS = {
    0: "0",
    -1: "-1",
    2**53: "9007199254740992",
    2**64 - 1: "18446744073709551615",
    2**70: "1180591620717411303424",
}
TEXTS = {
    "": '""',
    "two year": '"two year"',
    'a"b\\c/d': '"a\\"b\\\\c/d"',
    "\b\t\n\f\r\x00\x1f": '"\\b\\t\\n\\f\\r\\u0000\\u001f"',
    "\x7f\u0080\u2028\u2029\ufeff": '"\x7f\u0080\u2028\u2029\ufeff"',
    "naïve 日本 😀": '"naïve 日本 😀"',
}


@pytest.mark.parametrize(
    ("value", "spelling"),
    [*NUMBERS, *INTEGERS.items(), *TEXTS.items()],
    ids=lambda value: ascii(value)[:30],
)
def test_the_spelling_of_a_value_is_fixed(value: float | str, spelling: str) -> None:
    """Numbers and texts are rendered in one spelling for ever, and it reads back as the very same value."""
    rendered = msgspec.json.format(msgspec.json.encode([value]), indent=2)
    assert rendered == f"[\n  {spelling}\n]".encode()
    (back,) = msgspec.json.decode(rendered)
    assert (type(back), repr(back)) == (type(value), repr(value))


def test_the_header_is_fixed() -> None:
    """An artifact begins with format, needs and digest, one on a line, and ends with one line end."""
    content = make_artifact()
    lines = content.decode().split("\n")
    assert lines[:3] == ["{", '  "format": 1,', '  "needs": "0.1",']
    assert lines[3].startswith('  "digest": "sha256:')
    assert lines[4:6] == ['  "model": {', '    "name": "churn",']
    assert content.endswith(b"\n}\n")


def test_a_sealed_document_reads_back_as_itself() -> None:
    """Reading the bytes of a sealed document gives that document, and rendering it gives those bytes."""
    sealed, content = seal(make_document())
    assert parse_artifact(content, "here") == sealed
    assert render(sealed) == content
    assert sealed.digest == digest(content)


def test_the_digest_can_be_computed_without_augury() -> None:
    """The digest is the SHA-256 of the file with the 64 digits on line 4 as zeros, as the documentation says."""
    sealed, content = seal(make_document())
    lines = content.split(b"\n")
    digits = sealed.digest.removeprefix("sha256:").encode()
    lines[3] = lines[3].replace(digits, b"0" * 64)
    assert hashlib.sha256(b"\n".join(lines)).hexdigest().encode() == digits
    assert reseal(content) == content


def test_sealing_twice_changes_nothing() -> None:
    """A sealed document is sealed to the same bytes, whatever digest it came with."""
    sealed, content = seal(make_document())
    assert seal(sealed) == (sealed, content)


def _with_field(field: NumberField) -> Document:
    document = make_document()
    contract = document.model.contract
    contract = structs.replace(contract, fields=(*contract.fields, field))
    return structs.replace(document, model=structs.replace(document.model, contract=contract))


def test_an_integer_becomes_the_float_that_belongs_there() -> None:
    """A bound that was given as the integer 72 is written 72.0, so that there is one file for one document."""
    given = _with_field(NumberField(name="age", seen=Bounds(0, 72)))
    exact = _with_field(NumberField(name="age", seen=Bounds(0.0, 72.0)))
    assert render(given) == render(exact)
    assert b'"high": 72.0' in render(given)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_cannot_say_is_refused(number: float) -> None:
    """NaN and infinity are refused with their place, and never written as null."""
    with pytest.raises(ArtifactError, match=r"document\.model\.contract\.fields\[20\]\.seen\.low is (nan|-?inf)"):
        render(_with_field(NumberField(name="age", seen=Bounds(number, 72.0))))


def test_an_optional_number_is_not_written_as_null_either() -> None:
    """NaN where null would be read back without complaint is refused too."""
    document = make_document()
    (linear,) = document.model.predictor.margins
    inputs = tuple(
        structs.replace(node, missing=math.nan) if hasattr(node, "values") else node for node in linear.inputs
    )
    predictor = structs.replace(document.model.predictor, margins=(structs.replace(linear, inputs=inputs),))
    with pytest.raises(ArtifactError, match="missing is nan"):
        seal(structs.replace(document, model=structs.replace(document.model, predictor=predictor)))


@pytest.mark.parametrize(
    "field",
    [
        NumberField(name="half \ud800"),
        NumberField(name="age", seen=Bounds("0", 1.0)),  # type: ignore[arg-type]
        NumberField(name="age", seen=Bounds(True, 1.0)),
        NumberField(name="age", seen=Bounds(10**400, 1.0)),
        NumberField(name=object()),  # type: ignore[arg-type]
        object(),
    ],
    ids=["surrogate", "text", "boolean", "huge", "object", "no field"],
)
def test_a_value_of_another_type_is_refused(field: NumberField) -> None:
    """What the file could not say, or would read back as something else, is refused when it is rendered."""
    with pytest.raises(ArtifactError, match="the document cannot be written"):
        render(_with_field(field))
