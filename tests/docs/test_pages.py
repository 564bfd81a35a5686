from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.conftest import TUTORIAL
from tests.docs.pages import DOCS, REPOSITORY, is_printed, iter_steps
from tests.docs.reader import Reader

FROM_THE_TABLE = DOCS / "tutorial" / "from-the-lab-to-production.md"
# Pages that begin where the tutorial ends; one without anything to do is not among them.
GUIDES = sorted(page for page in DOCS.rglob("*.md") if page not in (TUTORIAL, FROM_THE_TABLE) and any(iter_steps(page)))
LAB = REPOSITORY / "examples" / "lab-05"
# Languages that a page shows and a developer may not have.
OTHERS = ("java", "node")


def find_absent(page: Path) -> list[str]:
    """Find what a page runs of other languages, and this machine has not."""
    commands = {step.text.split()[0] for step in iter_steps(page) if step.kind == "command"}
    return [tool for tool in OTHERS if tool in commands and shutil.which(tool) is None]


def test_the_tutorial_does_what_it_says(after_tutorial: Path) -> None:
    """Every command and block of the tutorial prints what the page tells, and leaves an artifact."""
    assert (after_tutorial / "churn.augury.json").is_file()


def test_the_road_from_the_table_does_what_it_says(tmp_path: Path, make_reader: Callable[[Path], Reader]) -> None:
    """Every step from the table to the service prints what the page tells, begun with nothing at all."""
    (tmp_path / "empty").mkdir()
    assert make_reader(tmp_path / "empty").read(FROM_THE_TABLE) > 10


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, after_tutorial: Path, make_reader: Callable[[Path], Reader]) -> None:
    """Every command and block of a page, done where the tutorial left off, prints what the page tells."""
    for tool in find_absent(page):
        pytest.skip(f"{tool} is not installed")
    assert make_reader(after_tutorial).read(page) > 0


def test_the_readme_does_what_it_says(tmp_path: Path, make_reader: Callable[[Path], Reader]) -> None:
    """The README's lines, run beside the examples, print what it tells."""
    shutil.copytree(LAB, tmp_path / "checkout" / "examples" / "lab-05")
    assert make_reader(tmp_path / "checkout").read(REPOSITORY / "README.md") == 1


def test_the_lab_does_what_it_says(make_reader: Callable[[Path], Reader]) -> None:
    """Every step of the lab prints what the example's README tells, with the example's own files."""
    assert make_reader(LAB).read(LAB / "README.md") > 5


def test_the_lab_trains_as_the_tutorial() -> None:
    """The example's training is the tutorial's notebook, to the letter."""
    notebook = next(step for step in iter_steps(TUTORIAL) if step.name == "notebook.py")
    assert (LAB / "train.py").read_text("utf-8") == notebook.text


def test_another_language_may_be_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where a page runs what is not installed it is named, and a page that needs no other language is read anywhere."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_absent(DOCS / "how-to" / "ask-from-other-languages.md") == ["java", "node"]
    assert find_absent(DOCS / "how-to" / "ask-the-service.md") == []


@pytest.mark.parametrize(
    ("told", "printed", "same"),
    [
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("churn@… is sound\n", "churn@3db1e1b8f397 is sound\n", True),
        ("0.05960568770951473", "0.05960768770951473", False),
        ("0.05960568770951473", "0.05960568770951999", True),
        ("prediction: 0.060\n", "prediction: 0.062\n", False),
        ("", "a warning\n", False),
    ],
)
def test_what_is_printed_is_compared(told: str, printed: str, same: bool) -> None:
    """Where a page has no ``…``, a reader who sees anything else sees a failure."""
    assert is_printed(told, printed) is same
