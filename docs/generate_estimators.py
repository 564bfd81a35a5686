"""Write the reference of estimators from the code: ``python docs/generate_estimators.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import cleandoc, getdoc
from pathlib import Path

from augury.frontends.allowlist import MOVED_MODULES
from augury.frontends.registry import CLASSIFIERS, TRANSFORMERS

PAGE = Path(__file__).parent / "reference" / "estimators.md"

HEAD = """\
<!-- Written by docs/generate_estimators.py from augury/frontends/registry.py: change that, then run it again. -->

# Estimators

`augury compile` takes a pickle, a joblib file or a living object of:

* the pair `(DictVectorizer, classifier)`, as the lab pickles it,
* a `Pipeline` that ends in a classifier,
* a classifier alone, with `--fields` for the names of its columns.

Classifiers are of two classes. Whatever cannot be compiled is named, all parts at once, each with why. What each
version of scikit-learn meant is what is compiled: tests hold pickles of 0.20.4, 0.21.3, 0.22.2, 0.23.2 and 1.4 to 1.9
to the probabilities that their own version gave.
"""


def generate() -> str:
    """Write the whole page."""
    return "\n".join([HEAD, _document("Classifiers", CLASSIFIERS), _document("Transformers", TRANSFORMERS)])


def _document(heading: str, readers: dict[str, Callable[..., object]]) -> str:
    lines = [f"## {heading}", "", "| class | older modules | what is read |", "|---|---|---|"]
    for dotted, read in readers.items():
        module, _, name = dotted.rpartition(".")
        older = ", ".join(f"`{old}`" for old, new in MOVED_MODULES.items() if new == module)
        lines.append(f"| `{name}` | {older} | {_say(read)} |")
    return "\n".join([*lines, ""])


def _say(read: Callable[..., object]) -> str:
    """Take the first paragraph of a reader's docstring, which says what is read and how it computes."""
    paragraph = cleandoc(getdoc(read) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()).removeprefix("Read ").replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.write_text(generate(), "utf-8")
