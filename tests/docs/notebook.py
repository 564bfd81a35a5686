"""A notebook run from top to bottom, and what it prints; ``python -m tests.docs.notebook`` writes that into the file.

The outputs that are kept are what cells print, for a reader who does not run it; what a cell shows beside that changes
with every release.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.docs.pages import REPOSITORY
from tests.docs.reader import fill_cache

LAB = REPOSITORY / "examples" / "lab-05"
NOTEBOOK = LAB / "lab.ipynb"
# Seconds for one cell; the slowest trains a model and evaluates it.
_PATIENCE = 100


def run_notebook(folder: Path, cache: Path) -> nbformat.NotebookNode:
    """Run the notebook in a folder that holds the lab, with this very interpreter as its kernel.

    Raises:
        CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(folder / NOTEBOOK.name, as_version=4)
    # Where the lab's training stops hangs on the processor's kernels (docs/explanation/liblinear.md).
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "OPENBLAS_CORETYPE": "Nehalem", "IPYTHONDIR": str(cache)}
    client = NotebookClient(notebook, timeout=_PATIENCE, resources={"metadata": {"path": str(folder)}})
    client.create_kernel_manager()
    client.km.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    client.execute(env=environment)
    return notebook


def find_printed(notebook: nbformat.NotebookNode) -> list[str]:
    """Find what each cell of code prints."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
        for cell in cells
    ]


def strip(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Keep of every cell what it prints, and nothing of when and where it ran."""
    printed = iter(find_printed(notebook))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {}
        if cell.cell_type == "code":
            text = next(printed)
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
            cell.execution_count = None
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def main() -> None:
    """Run the notebook and write what it prints."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, cache = Path(temporary) / "lab", Path(temporary) / "cache"
        shutil.copytree(LAB, folder)
        fill_cache(cache, Path(os.environ["AUGURY_TELCO_CSV"]))
        nbformat.write(strip(run_notebook(folder, cache)), NOTEBOOK)


if __name__ == "__main__":
    main()
