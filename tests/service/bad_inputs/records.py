"""Records of which one thing is wrong: keys, types, numbers, levels, nulls, nesting."""

from __future__ import annotations

from msgspec import Struct

from tests.service.bad_inputs.case import MEMBERS, Places, add_members, drop_members, write_object, write_record
from tests.unit.artifact.documents import TEXTS


class BadRecord(Struct, frozen=True, kw_only=True):
    """A record, and its faults by the contract; ``in_frame`` are those where NaN is a frame's null."""

    body: bytes
    places: Places
    in_frame: Places | None = None


def _bad(body: bytes, *places: tuple[str, str], in_frame: Places | None = None) -> BadRecord:
    return BadRecord(body=body, places=places, in_frame=in_frame)


def _of_value(name: str, value: bytes, code: str, in_frame: str | None = None) -> BadRecord:
    """A record with one bad value."""
    pointer = f"/{name}"
    as_null = None if in_frame is None else ((in_frame, pointer),) if in_frame else ()
    return _bad(write_record(**{name: value}), (code, pointer), in_frame=as_null)


# A value for a field of texts, and the code that it is refused for; NaN in a frame is null.
_FOR_TEXTS: dict[str, tuple[bytes, str]] = {
    "a number": (b"7", "type"),
    "true": (b"true", "type"),
    "an array": (b"[]", "type"),
    "an object": (b"{}", "type"),
    "null": (b"null", "null"),
    "a level never seen": (b'"maybe"', "level"),
    "an empty text": (b'""', "level"),
    "a control character": (b'"a\\u0000b"', "control_character"),
}
# The kinds of field that are no texts: a value for each, its code, and the code where NaN is null: "" is none.
_FOR_OTHERS: dict[str, dict[str, tuple[bytes, str] | tuple[bytes, str, str]]] = {
    "seniorcitizen": {
        "a text": (b'"1"', "type"),
        "an empty text": (b'""', "type"),
        "true": (b"true", "type"),
        "an array": (b"[1]", "type"),
        "an object": (b'{"a":1}', "type"),
        "a level never seen": (b"2", "level"),
        "a negative level": (b"-1", "level"),
        "a fraction": (b"0.5", "level"),
        "thirty digits": (b"1" + b"0" * 30, "level"),
        "beyond all doubles": (b"1e400", "not_finite"),
        "NaN": (b"NaN", "not_finite", ""),
        "Infinity": (b"Infinity", "not_finite", "not_finite"),
    },
    "phoneservice": {
        "one": (b"1", "type"),
        "zero": (b"0", "type"),
        "a text": (b'"true"', "type"),
        "yes": (b'"yes"', "type"),
        "an empty text": (b'""', "type"),
        "null": (b"null", "null"),
        "an array": (b"[true]", "type"),
        "an object": (b"{}", "type"),
        "a control character": (b'"\\u001f"', "control_character"),
        "NaN": (b"NaN", "type", "null"),
    },
    "paperlessbilling": {
        "one": (b"1", "type"),
        "a text": (b'"false"', "type"),
        "null": (b"null", "null"),
        "an array": (b"[]", "type"),
        "NaN": (b"NaN", "type", "null"),
    },
    "tenure": {
        "a text": (b'"41"', "type"),
        "an empty text": (b'""', "type"),
        "a space": (b'" "', "type"),
        "true": (b"true", "type"),
        "null": (b"null", "null"),
        "an array": (b"[41]", "type"),
        "an object": (b'{"value":41}', "type"),
        "a fraction": (b"1.5", "not_integer"),
        "a small fraction": (b"1e-9", "not_integer"),
        "one more than 2**53": (b"9007199254740993", "not_integer"),
        "less than -2**53": (b"-9007199254740993", "not_integer"),
        "2**63": (b"9223372036854775808", "not_integer"),
        "2**64": (b"18446744073709551616", "not_integer"),
        "2**70": (b"1180591620717411303424", "not_integer"),
        "1e30": (b"1e30", "not_integer"),
        "400 digits": (b"1" + b"0" * 400, "not_finite"),
        "5,000 digits": (b"9" * 5000, "not_finite"),
        "1e400": (b"1e400", "not_finite"),
        "-1e400": (b"-1e400", "not_finite"),
        "1e99999999999": (b"1e99999999999", "not_finite"),
        "below the range": (b"-1", "range"),
        "far below the range": (b"-999", "range"),
        "beyond the range": (b"145", "range"),
        "2**53": (b"9007199254740992", "range"),
        "NaN": (b"NaN", "not_finite", "null"),
        "Infinity": (b"Infinity", "not_finite", "not_finite"),
        "-Infinity": (b"-Infinity", "not_finite", "not_finite"),
    },
    "monthlycharges": {
        "a text": (b'"79.85"', "type"),
        "with a comma": (b'"79,85"', "type"),
        "with a currency": (b'"$79.85"', "type"),
        "true": (b"true", "type"),
        "null": (b"null", "null"),
        "an array": (b"[79.85]", "type"),
        "an object": (b"{}", "type"),
        "a little below": (b"18.249999", "range"),
        "a little beyond": (b"118.750001", "range"),
        "negative": (b"-79.85", "range"),
        "the largest double": (b"1.7976931348623157e308", "range"),
        "beyond all doubles": (b"1.8e308", "not_finite"),
        "400 digits": (b"9" * 400, "not_finite"),
        "NaN": (b"NaN", "not_finite", "null"),
        "-Infinity": (b"-Infinity", "not_finite", "not_finite"),
    },
    "totalcharges": {
        "a text": (b'"3320.75"', "type"),
        "a word": (b'"none"', "type"),
        "false": (b"false", "type"),
        "an array": (b"[]", "type"),
        "an object": (b"{}", "type"),
        "far beyond": (b"1e9", "range"),
        "far below": (b"-1e9", "range"),
        "1e400": (b"1e400", "not_finite"),
        "a control character": (b'"a\\u0001"', "control_character"),
        "NaN": (b"NaN", "not_finite", ""),
    },
    "customerID": {
        "an array": (b"[]", "type"),
        "an object": (b"{}", "type"),
        "a control character": (b'"a\\u0000"', "control_character"),
        "1e400": (b"1e400", "not_finite"),
        "NaN": (b"NaN", "not_finite", ""),
    },
    "contract": {
        "a number": (b"1", "type"),
        "false": (b"false", "type"),
        "null": (b"null", "null"),
        "an object": (b"{}", "type"),
        "a control character": (b'"one\\tyear"', "control_character"),
    },
}

FIELDS = (*(name for name in TEXTS if name != "contract"), "contract", "seniorcitizen", "phoneservice")
NUMBERS = ("tenure", "monthlycharges", "totalcharges")
ALL_ABSENT: Places = tuple(("absent", f"/{name}") for name in (*FIELDS, *NUMBERS))

# A key or several of them.
_KEYS: dict[str, BadRecord] = {
    "a key twice": _bad(add_members(("tenure", b"41")), ("duplicate_key", "/tenure")),
    "a key twice with other values": _bad(add_members(("tenure", b"1")), ("duplicate_key", "/tenure")),
    "a key three times": _bad(add_members(*[("tenure", b"41")] * 2), *[("duplicate_key", "/tenure")] * 2),
    "a key twice, once escaped": _bad(write_record()[:-1] + b',"\\u0074enure":1}', ("duplicate_key", "/tenure")),
    "an unknown key twice": _bad(add_members(("a", b"1"), ("a", b"1")), ("duplicate_key", "/a")),
    "an empty key twice": _bad(add_members(("", b"1"), ("", b"1")), ("duplicate_key", "/")),
    "a key with a slash twice": _bad(add_members(("a/b", b"1"), ("a/b", b"1")), ("duplicate_key", "/a~1b")),
    "a key with a tilde twice": _bad(add_members(("a~b", b"1"), ("a~b", b"1")), ("duplicate_key", "/a~0b")),
    "a key beyond ASCII twice": _bad(add_members(("né", b"1"), ("né", b"1")), ("duplicate_key", "/né")),
    "two spellings": _bad(add_members(("Contract", b'"two_year"')), ("ambiguous_key", "/Contract")),
    "two spellings by case": _bad(add_members(("TENURE", b"41")), ("ambiguous_key", "/TENURE")),
    "two spellings of the identifier": _bad(add_members(("customerid", b'"a"')), ("ambiguous_key", "/customerid")),
    "an unknown key with a control character": _bad(add_members(("a\nb", b"1")), ("control_character", "/a\nb")),
    "an unknown key with 1e400": _bad(add_members(("a", b"1e400")), ("not_finite", "/a")),
    "an unknown key with 1e400 in an array": _bad(add_members(("a", b"[[1e400]]")), ("not_finite", "/a")),
    "an unknown key with Infinity": _bad(
        add_members(("a", b"Infinity")), ("not_finite", "/a"), in_frame=(("not_finite", "/a"),)
    ),
    "an unknown key with NaN": _bad(add_members(("a", b"NaN")), ("not_finite", "/a"), in_frame=()),
    "no member": _bad(b"{}", *ALL_ABSENT),
    "no member that is known": _bad(b'{"a":1,"b":[],"c":{}}', *ALL_ABSENT),
    "only the identifier": _bad(write_object(list(MEMBERS.items())[:1]), *ALL_ABSENT),
    "two fields are missing": _bad(drop_members("tenure", "partner"), ("absent", "/partner"), ("absent", "/tenure")),
    "three things are wrong": _bad(
        write_record(tenure=b"-999", partner=b'"maybe"', phoneservice=b"1"),
        ("level", "/partner"),
        ("type", "/phoneservice"),
        ("range", "/tenure"),
    ),
    "a key and a value are wrong": _bad(
        add_members(("TENURE", b"41")).replace(b'"gender":"male"', b'"gender":7'),
        ("ambiguous_key", "/TENURE"),
        ("type", "/gender"),
    ),
    "a field under another name": _bad(drop_members("tenure")[:-1] + b',"months":41}', ("absent", "/tenure")),
    "a control character in a key": _bad(
        drop_members("tenure")[:-1] + b',"ten\\u0000ure":41}', ("control_character", "/ten\0ure"), ("absent", "/tenure")
    ),
}

# Values that are JSON and no objects.
_SCALARS = {
    "a number": b"7",
    "a fraction": b"-0.5",
    "an exponent": b"1E+5",
    "minus zero": b"-0",
    "a text": b'"text"',
    "an empty text": b'""',
    "true": b"true",
    "false": b"false",
    "null": b"null",
    "a text of a record": b'"{}"',
    "a number of 400 digits": b"9" * 400,
    "a number beyond all": b"1e400",
}


def _gather() -> dict[str, BadRecord]:
    gathered = dict(_KEYS)
    for what, value in _SCALARS.items():
        gathered[f"{what} for a record"] = _bad(value, ("not_an_object", ""))
    for name in FIELDS[:-3]:
        for what, (value, code) in _FOR_TEXTS.items():
            gathered[f"{what} for {name}"] = _of_value(name, value, code)
    for name, values in _FOR_OTHERS.items():
        for what, bad in values.items():
            gathered[f"{what} for {name}"] = _of_value(name, *bad)
    for name in (*FIELDS, *NUMBERS):
        gathered[f"{name} is missing"] = _bad(drop_members(name), ("absent", f"/{name}"))
    return gathered


RECORDS = _gather()
