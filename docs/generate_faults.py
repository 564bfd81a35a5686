"""Write the reference of fault codes from the code: ``python docs/generate_faults.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from augury.contract.faults import CODES, DOUBTFUL, MAX_LISTED, MEANINGS, Code
from augury.service.problems import STATUS_BY_CODE

PAGE = Path(__file__).parent / "reference" / "faults.md"

HEAD = f"""\
<!-- Written by docs/generate_faults.py from augury/contract/faults.py: change that, then run it again. -->

# Faults and notes

A *fault* is one thing wrong in a record that is refused; a *note* has the same shape and stands beside an accepted one.
The list of codes is closed. What a code leads to, a fault or a note, the artifact's [policies](contract.md) say.

| member | |
|---|---|
| `code` | one of the codes below |
| `pointer` | the place in the caller's record, in the caller's spelling: an RFC 6901 pointer; empty for the record |
| `detail` | one sentence of what is wrong and how to mend it |
| `field` | the contract's name of the field, where one is meant |
| `nearest` | the key or level that was probably meant, where there is one |
| `allowed` | the levels of the field, where it helps |

One answer lists at most {MAX_LISTED} faults; `more` counts the others.

| code | HTTP status of a refusal | in the answer as a note | |
|---|---|---|---|
"""

TAIL = """
A note that the answer itself carries is one under which the number may be doubtful. Other notes are in the header
`Augury-Notes`, with their places: `unknown_key;at="/loyalty"`.
"""


def generate() -> str:
    """Write the whole page."""
    return HEAD + "".join(map(_document, CODES)) + TAIL


def _document(code: Code) -> str:
    carried = "yes" if code in DOUBTFUL else ""
    status = "–" if code == "imputed" else STATUS_BY_CODE[code]  # what was filled is accepted, so it is only a note
    return f"| `{code}` | {status} | {carried} | {MEANINGS[code]} |\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.write_text(generate(), "utf-8")
