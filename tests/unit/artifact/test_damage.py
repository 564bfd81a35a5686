import os
import random
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from augury.artifact.shape import MAX_DEPTH, MAX_TEXT
from tests.unit.artifact.documents import make_artifact, reseal
from tests.unit.artifact.sentences import refuse

CONTENT = make_artifact()
# The header is small enough to be tried whole each time.
HEADER = CONTENT.index(b'"model"')


def _flip(at: int, bit: int) -> bytes:
    flipped = bytearray(CONTENT)
    flipped[at] ^= 1 << bit
    return bytes(flipped)


def test_every_truncation_is_refused() -> None:
    """An artifact that was cut anywhere is refused."""
    for size in range(len(CONTENT)):
        refuse(CONTENT[:size])


def test_a_flipped_bit_is_refused() -> None:
    """An artifact with one flipped bit is refused: any bit of its header, and one of every other byte."""
    draw = random.Random(5).randrange
    for at in range(len(CONTENT)):
        for bit in range(8) if at < HEADER else (draw(8),):
            refuse(_flip(at, bit))


@pytest.mark.soak
def test_every_flipped_bit_is_refused() -> None:
    """An artifact with any one bit flipped is refused."""
    for at in range(len(CONTENT)):
        for bit in range(8):
            refuse(_flip(at, bit))


def _replace(old: str, new: str, count: int = 1) -> bytes:
    assert old.encode() in CONTENT
    return reseal(CONTENT.replace(old.encode(), new.encode(), count))


def _move_to_front(member: str) -> bytes:
    """Move a member of the model to its front, with its value and digest untouched."""
    found = re.search(rf'    "{member}": (?:.|\n)*?\n    }},\n'.encode(), CONTENT)
    assert found is not None
    start = CONTENT.index(b'    "name": "churn"')
    return reseal(CONTENT[:start] + found[0] + CONTENT[start : found.start()] + CONTENT[found.end() :])


NESTED = '{"node": "stretch",\n"x":\n'
NODE = '"inputs": [\n'
SPELLINGS = {
    "1 for 1.0": _replace('"low": 0.0', '"low": 0'),
    "1e0 for 1.0": _replace('"high": 72.0', '"high": 7.2e1'),
    "an escape that is not needed": _replace('"Churn"', '"\\u0043hurn"'),
    "an escaped slash": _replace("DictVectorizer + L", "DictVectorizer \\/ L"),
    "white space": _replace('"column": "Churn"', '"column":  "Churn"'),
    "a line more": _replace('"column": "Churn"', '"column":\n"Churn"'),
    "white space at the end": reseal(CONTENT + b"\n"),
    "no line end at the end": reseal(CONTENT[:-1]),
    "members in another order": _move_to_front("target"),
    "a member twice": _replace('"column": "Churn"', '"column": "Churn",\n      "column": "Churn"'),
    "a key of a record twice": _replace('"gender": "male",', '"gender": "male",\n          "gender": "male",'),
    "a default left out": _replace('      "equality": "fold-1",\n', ""),
}


@pytest.mark.parametrize("content", SPELLINGS.values(), ids=list(SPELLINGS))
def test_another_spelling_of_the_same_content_is_refused(content: bytes) -> None:
    """A file that says the same in other bytes is refused even with the digest that it should have."""
    assert "is not the canonical rendering of its content: line " in refuse(content)


WRONG = {
    "an unknown member": (
        _replace('"column": "Churn"', '"column": "Churn",\n      "extra": 1'),
        "unknown field `extra`",
    ),
    "a member left out": (_replace('      "column": "Churn",\n', ""), "missing required field `column`"),
    "another type": (_replace('"column": "Churn"', '"column": 1'), "Expected `str`, got `int`"),
    "text for a number": (_replace('"low": 0.0', '"low": "0.0"'), "Expected `float"),
    "null for a number": (_replace('"low": 0.0', '"low": null'), "Expected `float"),
    "NaN": (_replace('"low": 0.0', '"low": NaN'), "JSON is malformed"),
    "infinity": (_replace('"low": 0.0', '"low": Infinity'), "JSON is malformed"),
    "1e400": (_replace('"low": 0.0', '"low": 1e400'), "Number out of range"),
    "an integer of 5,000 digits": (_replace('"rows": 1000', '"rows": ' + "9" * 5000), "Integer value out of range"),
    "an unknown node": (_replace('"node": "bin"', '"node": "system"'), "Invalid value 'system'"),
    "an unknown kind": (_replace('"kind": "integer"', '"kind": "object"'), "Invalid value 'object'"),
    "an unknown equality": (_replace('"fold-1"', '"fold-2"'), "Invalid enum value 'fold-2'"),
    "a sentence that is forged": (_replace('"equality"', '"a\\nb\\u001b[31m"'), "unknown field"),
    "two values": (reseal(CONTENT + CONTENT), "trailing characters"),
    "bytes that are not UTF-8": (reseal(CONTENT.replace(b'"Churn"', b'"Ch\xff"', 1)), "can't decode byte 0xff"),
    "half of a pair": (_replace('"Churn"', '"\\ud800"'), "surrogate"),
    "no model": (reseal(CONTENT[:HEADER] + b'"model": null\n}\n'), "Expected `object`, got `null`"),
    "two values on a line": (
        _replace('"column": "Churn",\n', '"column": "Churn",'),
        "two of its values stand on one line",
    ),
    "a long text": (_replace('"Churn"', f'"{"a" * (MAX_TEXT + 1)}"'), f"a text of more than {MAX_TEXT} bytes"),
    "a text without an end": (_replace('"Churn",', '"Churn,'), "without an end"),
    "a long line": (_replace('"Churn"', " " * 200_000 + '"Churn"'), "a line of more than 64 KiB"),
    "deep": (_replace(NODE, NODE + NESTED * 60), f"nested more than {MAX_DEPTH} deep"),
    "very deep on one line": (_replace(NODE, NODE + "[" * 200_000), "a line of more than 64 KiB"),
    "very deep on many lines": (_replace(NODE, NODE + NESTED * 100_000), f"nested more than {MAX_DEPTH} deep"),
    "brackets": (reseal(CONTENT[:HEADER] + b'"model": ' + b"[\n" * 1_000_000), f"nested more than {MAX_DEPTH} deep"),
    "closing brackets": (_replace(NODE, NODE + "]\n" * 1_000_000), "JSON is malformed"),
}


@pytest.mark.parametrize(("content", "what"), WRONG.values(), ids=list(WRONG))
def test_content_that_the_format_does_not_allow_is_refused(content: bytes, what: str) -> None:
    """A file with wrong types, numbers, members or nesting is refused even with the digest that it should have."""
    assert what in refuse(content)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"format": 1', '"format": 2', "format 2 is none that Augury ever wrote"),
        ('"format": 1', '"format": 0', "format 0 is none that Augury ever wrote"),
        ('"format": 1', '"format": 999999999', "format 999999999 is none"),
        ('"needs": "0.1"', '"needs": "0.7"', "needs Augury 0.7 or newer; upgrade Augury to 0.7"),
        ('"needs": "0.1"', '"needs": "0.1.3"', "needs Augury 0.1.3 or newer; upgrade Augury to 0.1.3"),
        ('"needs": "0.1"', '"needs": "12.10"', "upgrade Augury to 12.10"),
        ('"needs": "0.1"', '"needs": "newest"', "does not begin with the header"),
        ('"format": 1', '"format": 1.0', "does not begin with the header"),
        ('"format": 1', '"format": -1', "does not begin with the header"),
        ('"format": 1', '"format": ' + "9" * 5000, "does not begin with the header"),
        ('"sha256:', '"sha512:', "does not begin with the header"),
    ],
)
def test_another_header_is_refused(old: str, new: str, what: str) -> None:
    """A file of an unknown or newer format is refused, and the version to upgrade to is named."""
    assert what in refuse(_replace(old, new))


def test_a_newer_format_names_its_version() -> None:
    """A file of format 2 that needs Augury 0.7 is refused with that version, whatever else is in it."""
    content = CONTENT.replace(b'"format": 1', b'"format": 2').replace(b'"needs": "0.1"', b'"needs": "0.7"')
    assert "is of format 2 and needs Augury 0.7 or newer; upgrade Augury to 0.7" in refuse(content + b"anything")


def test_the_line_that_differs_is_shown() -> None:
    """The refusal of another spelling names the line, what stands there and what Augury writes."""
    line = CONTENT[: CONTENT.index(b'"low": 0.0')].count(b"\n") + 1
    sentence = refuse(_replace('"low": 0.0', '"low": 0'))
    assert f"""line {line} is '"low": 0,', where Augury writes '"low": 0.0,'""" in sentence


WATCHER = """
    import sys
    from augury.artifact.read import read_artifact
    from augury.errors import ArtifactError

    def look(path):
        try:
            read_artifact(path)
        except ArtifactError as error:
            return str(error)
        return "accepted"

    # What reading needs is imported, and its types are made, by an artifact as it should be.
    assert look(sys.argv[1]) == "accepted"
    events = []
    sys.addaudithook(lambda name, arguments: events.append((name, arguments)) if watching else None)
    for path in sys.argv[2:]:
        watching = True
        sentence = look(path)
        watching = False
        names = {name for name, _ in events}
        opened = [arguments[0] for name, arguments in events if name == "open" and not isinstance(arguments[0], int)]
        events.clear()
        # Brackets are counted in an array.
        print(opened == [path], sorted(names - {"open", "array.__new__"}), sentence != "accepted")
"""


def test_reading_executes_nothing(tmp_path: Path) -> None:
    """Reading a hostile file opens that file once and does nothing else that Python would audit."""
    pickled = b"cos\nsystem\n(S'echo run'\ntR."
    hostile = {
        "pickle": pickled,
        "pickle 4": b"\x80\x04" + pickled,
        "truncated": CONTENT[:9000],
        "a_text_like_a_pickle": _replace('"Churn"', '"cos\\\\nsystem"'),
        **{name.replace(" ", "_"): content for name, (content, _) in WRONG.items() if len(content) < 10**5},
        **{name.replace(" ", "_"): content for name, content in SPELLINGS.items()},
    }
    good = tmp_path / "good"
    good.write_bytes(CONTENT)
    paths = [tmp_path / str(at) for at in range(len(hostile))]
    for path, content in zip(paths, hostile.values(), strict=True):
        path.write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-c", "watching = False\n" + textwrap.dedent(WATCHER), good, *paths],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    refused = dict(zip(hostile, ran.stdout.splitlines(), strict=True))
    accepted = {"a_text_like_a_pickle"}
    assert refused == {name: f"True [] {name not in accepted}" for name in hostile}
