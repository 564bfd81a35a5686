from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.docs.notebook import LAB, NOTEBOOK, find_printed, run_notebook, strip
from tests.docs.pages import is_printed


def test_the_notebook_does_what_it_shows(tmp_path: Path, cache: Path) -> None:
    """Run from top to bottom in a folder of its own, every cell prints what the committed notebook shows."""
    shutil.copytree(LAB, tmp_path / "lab")
    told, printed = (find_printed(each) for each in (nbformat.read(NOTEBOOK, 4), run_notebook(tmp_path / "lab", cache)))
    assert len(told) == len(printed) > 10
    different = [(one, other) for one, other in zip(told, printed, strict=True) if not is_printed(one, other)]
    assert different == []


def test_the_notebook_is_small_and_the_same_for_all() -> None:
    """The committed notebook holds what cells print, and nothing of when, where and with what it was run."""
    notebook = nbformat.read(NOTEBOOK, 4)
    assert strip(nbformat.read(NOTEBOOK, 4)) == notebook
    assert NOTEBOOK.stat().st_size < 50_000
    assert any(find_printed(notebook))


def test_every_cell_is_short() -> None:
    """A cell fits on a small screen."""
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    assert max(len(cell["source"]) for cell in cells) <= 20


@pytest.mark.parametrize("step", range(1, 9))
def test_every_step_of_the_lab_is_told(step: int) -> None:
    """Each of the lab's steps has its heading."""
    headings = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "markdown"]
    assert any(f"## {step}" in heading or f"and {step}." in heading for heading in headings)
