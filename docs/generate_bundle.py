"""Write the reference of bundles from the code: ``python docs/generate_bundle.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from augury.api import find_bundled
from augury.bundle.bundle import make_bundle, read_model
from augury.bundle.lock import read_lock
from augury.bundle.parts import PARTS, Part
from augury.bundle.sources import make_sources

PAGE = Path(__file__).parent / "reference" / "bundle.md"

HEAD = """\
<!-- Written by docs/generate_bundle.py from augury/bundle/: change that, then run it again. -->

# What is in a bundle

`augury bundle MODEL -o FOLDER` writes these for a model with the name `churn`; with `--with PART` also those of a part,
and of the parts that it needs. The same model, version of Augury, parts and indexes give the same bytes.

| part | files | |
|---|---|---|
"""

TAIL = """
## The packages

What is installed besides Augury itself, on Windows without uvloop:

{packages}

## What it is held to

| what | by |
|---|---|
| the model | its digest and golden rows: when it is bundled, when the image is built, by the check, at every start |
| Augury's own files | the hashes in the record of its installation, when its wheel is made again |
| every package | its version and the hashes of its wheels, by whatever installs it |
| every file | `SHA256SUMS`, which `sha256sum --check` and `augury check-bundle` read |

`augury check-bundle` refuses a model, a wheel, `requirements.txt` or `Pipfile.lock` that is not as it was written; of
other files it tells that they were changed.

## What is never in it

A time, a path of the machine that made it, an address of ours, a password, a real customer's record, a package that
must be built.
"""


def generate() -> str:
    """Write the whole page."""
    model, content = read_model(find_bundled())
    sources = make_sources(["https://packages.example/simple"])
    deployment, base = make_bundle(model, content, sources)
    brought = {name: make_bundle(model, content, sources, (name,))[1].keys() - base.keys() for name in PARTS}
    rows = [f"| | {_list(base)} | the image, the locks and the README |\n"]
    for name, part in PARTS.items():
        own = brought[name].difference(*(brought[each] for each in part.needs))
        rows.append(f"| `{name}` | {_list(own)} | {_tell(part)} |\n")
    packages = ", ".join(f"`{package.name}` {package.version}" for package in read_lock())
    page = HEAD + "".join(rows) + TAIL.format(packages=f"{packages}.")
    return page.replace(deployment.version, "DIGEST")


def _list(files: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in sorted(files))


def _tell(part: Part) -> str:
    needs = f" Brings {' and '.join(f'`{name}`' for name in part.needs)}." if part.needs else ""
    return f"{part.about}.{needs}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.write_text(generate(), "utf-8")
