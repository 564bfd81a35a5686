"""Bodies that are no JSON text: malformed ones, other encodings, and those that are nested too deeply."""

from __future__ import annotations

from tests.service.bad_inputs.case import MEMBERS, RECORD, add_members, write_object, write_record

_HALF = RECORD[: len(RECORD) // 2]
_LAST = RECORD[:-1]

# No JSON, and no array's beginning.
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "line ends": b"\r\n\r\n",
    "a word": b"nonsense",
    "an open brace": b"{",
    "a closed brace": b"}",
    "a closed bracket": b"]",
    "a comma": b",",
    "a colon": b":",
    "a quote": b'"',
    "a null byte": b"\0",
    "a vertical tab before it": b"\x0b" + RECORD,
    "a form feed before it": b"\x0c" + RECORD,
    "a no-break space before it": b"\xc2\xa0" + RECORD,
    "half of a record": _HALF,
    "no closing brace": _LAST,
    "two closing braces": RECORD + b"}",
    "a closing bracket": _LAST + b"]",
    "a record and a word": RECORD + b"x",
    "a record and a null byte": RECORD + b"\0",
    "a record and a comma": RECORD + b",",
    "two records": RECORD + RECORD,
    "two records with a space": RECORD + b" " + RECORD,
    "a comma after the last member": _LAST + b",}",
    "a comma before the first member": b"{," + RECORD[1:],
    "two commas": RECORD.replace(b",", b",,", 1),
    "no comma": RECORD.replace(b",", b" ", 1),
    "no colon": RECORD.replace(b'"tenure":', b'"tenure" ', 1),
    "two colons": RECORD.replace(b'"tenure":', b'"tenure"::', 1),
    "an equals sign": RECORD.replace(b'"tenure":', b'"tenure"=', 1),
    "an arrow": RECORD.replace(b'"tenure":', b'"tenure"=>', 1),
    "a key without quotes": RECORD.replace(b'"tenure"', b"tenure", 1),
    "a key in single quotes": RECORD.replace(b'"tenure"', b"'tenure'", 1),
    "a key that is a number": RECORD.replace(b'"tenure"', b"1", 1),
    "a key that is null": RECORD.replace(b'"tenure"', b"null", 1),
    "a key without a value": _LAST + b',"a"}',
    "a key and a colon": _LAST + b',"a":}',
    "a value without a key": _LAST + b",1}",
    "a text in single quotes": write_record(gender=b"'male'"),
    "a text in typographic quotes": write_record(gender="“male”".encode()),
    "a text without quotes": write_record(gender=b"male"),
    "a text that is not closed": write_record(gender=b'"male'),
    "a bare line feed in a text": write_record(gender=b'"ma\nle"'),
    "a bare tab in a text": write_record(gender=b'"ma\tle"'),
    "a bare null in a text": write_record(gender=b'"ma\0le"'),
    "an unknown escape": write_record(gender=b'"\\male"'),
    "an escape in hexadecimal": write_record(gender=b'"\\x6dale"'),
    "an escaped apostrophe": write_record(gender=b'"\\\'male"'),
    "a short escape": write_record(gender=b'"\\u12"'),
    "an escape of no digits": write_record(gender=b'"\\uwxyz"'),
    "True": write_record(phoneservice=b"True"),
    "TRUE": write_record(phoneservice=b"TRUE"),
    "None": write_record(phoneservice=b"None"),
    "undefined": write_record(phoneservice=b"undefined"),
    "nul": write_record(phoneservice=b"nul"),
    "nulll": write_record(phoneservice=b"nulll"),
    "nan": write_record(tenure=b"nan"),
    "inf": write_record(tenure=b"inf"),
    "+Infinity": write_record(tenure=b"+Infinity"),
    "a leading zero": write_record(tenure=b"041"),
    "a leading plus": write_record(tenure=b"+41"),
    "two signs": write_record(tenure=b"--41"),
    "a leading point": write_record(tenure=b".5"),
    "a trailing point": write_record(tenure=b"41."),
    "a decimal comma": write_record(tenure=b"41,5"),
    "two points": write_record(tenure=b"4.1.0"),
    "an exponent without digits": write_record(tenure=b"41e"),
    "an exponent of signs": write_record(tenure=b"41e+"),
    "hexadecimal": write_record(tenure=b"0x29"),
    "octal": write_record(tenure=b"0o51"),
    "underscores": write_record(tenure=b"1_000"),
    "a minus alone": write_record(tenure=b"-"),
    "digits of another script": write_record(tenure="٤١".encode()),
    "an unclosed array": write_record(tenure=b"[41"),
    "an unclosed object": write_record(tenure=b'{"a":41'),
    "an array closed by a brace": write_record(tenure=b"[41}"),
    "an object closed by a bracket": write_record(tenure=b'{"a":41]'),
    "a comment": RECORD.replace(b"{", b"{/* a */", 1),
    "a comment to the end": RECORD + b"// a",
    "a comment as a shell's": RECORD + b"# a",
    "a parser's guard": b")]}',\n" + RECORD,
    "a callback": b"call(" + RECORD + b");",
    "a form": b"tenure=41&gender=male",
    "a row of CSV": b"41,male,yes",
    "XML": b"<record><tenure>41</tenure></record>",
    "YAML": b"tenure: 41\ngender: male\n",
    "a pickle of protocol 0": b"(dp0\nVtenure\np1\nI41\ns.",
    "a template": b"{{ record }}",
    "5,000 open braces of text": b'{"a":"' + b"{" * 5000,
}

# No UTF-8, but within a text, so that a record of an array is refused alone.
BAD_TEXTS: dict[str, bytes] = {
    name: write_record(gender=b'"' + text + b'"')
    for name, text in {
        "Latin-1": "é".encode("latin-1"),
        "a continuation alone": b"\x80",
        "a beginning alone": b"\xc3",
        "two beginnings": b"\xc3\xc3",
        "overlong in two bytes": b"\xc0\xaf",
        "overlong in three bytes": b"\xe0\x80\xaf",
        "overlong in four bytes": b"\xf0\x80\x80\xaf",
        "an overlong null": b"\xc0\x80",
        "a surrogate": b"\xed\xa0\x80",
        "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
        "beyond Unicode": b"\xf4\x90\x80\x80",
        "five bytes": b"\xf8\x88\x80\x80\x80",
        "FE": b"\xfe",
        "FF": b"\xff",
        "three of four bytes": b"\xf0\x9f\x98",
    }.items()
} | {
    "Latin-1 in a key": _LAST + b',"n\xe9":1}',
}

# JSON in ASCII, and a text of it that no encoding of Unicode can say.
HALF_PAIRS: dict[str, bytes] = {
    "an escaped half of a pair": write_record(gender=b'"\\ud83d"'),
    "the other half escaped": write_record(gender=b'"\\ude00"'),
    "an escaped pair the wrong way round": write_record(gender=b'"\\ude00\\ud83d"'),
    "half of a pair in a key": _LAST + b',"\\ud83d":1}',
    "half of a pair in an unknown value": _LAST + b',"a":["\\ud83d"]}',
}

MARK = "a byte order mark"
# No UTF-8 from the beginning on, or between the texts.
BAD_BYTES: dict[str, bytes] = {
    MARK: b"\xef\xbb\xbf" + RECORD,
    "a mark of UTF-16": b"\xff\xfe" + RECORD.decode().encode("utf-16-le"),
    "a mark of UTF-16, big-endian": b"\xfe\xff" + RECORD.decode().encode("utf-16-be"),
    "FF before it": b"\xff" + RECORD,
    "FF after it": RECORD + b"\xff",
    "FF between members": RECORD.replace(b",", b",\xff", 1),
    "FF for a value": write_record(tenure=b"\xff"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + _HALF,
    "MessagePack": b"\x81\xa6tenure\x29",
    "a picture": b"\x89PNG\r\n\x1a\n",
}


def _nest(depth: int) -> bytes:
    return write_object([*MEMBERS.items(), ("a", b"[" * (depth - 1) + b"]" * (depth - 1))])


# Deeper than eight levels.
TOO_DEEP: dict[str, bytes] = {
    "nine arrays": _nest(9),
    "ten arrays": _nest(10),
    "100 arrays": _nest(100),
    "500 arrays": _nest(500),
    "nine objects": add_members(("a", b'{"a":' * 8 + b"1" + b"}" * 8)),
    "100 objects": add_members(("a", b'{"a":' * 100 + b"1" + b"}" * 100)),
    "nine of both": add_members(("a", b'[{"a":' * 4 + b"1" + b"}]" * 4)),
    "nine in a field": write_record(tenure=b"[" * 8 + b"41" + b"]" * 8),
}
