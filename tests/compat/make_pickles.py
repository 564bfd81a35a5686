"""Write ``tests/compat/pickles/``: small models of many versions of scikit-learn, and what their version answers.

Run by hand: ``python tests/compat/make_pickles.py`` for all versions, or with the versions as arguments. Each version
is installed in an environment of its own, with the Python and the NumPy of its time, in a folder that is thrown away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "pickles"

# NumPy 1.20 and pandas 1.2 are the first that warn of, or no longer have, what scikit-learn below 0.24 uses.
OLD = ("numpy<1.20", "scipy<1.6", "pandas<1.2")

VERSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    # version: the Python that it has wheels for, and what else it needs
    "0.20.4": ("3.7", OLD),
    "0.21.3": ("3.7", OLD),
    "0.22.2.post1": ("3.8", OLD),
    "0.23.2": ("3.8", OLD),
    "1.4.2": ("3.11", ("numpy<2", "pandas<2.2")),
    "1.5.2": ("3.11", ("pandas<3",)),
    "1.6.1": ("3.12", ("pandas<3",)),
    "1.7.2": ("3.12", ("pandas<3",)),
    "1.8.0": ("3.13", ("pandas",)),
    "1.9.1": ("3.13", ("pandas",)),
}


def find_interpreters(version: str) -> Iterator[str]:
    """Find commands that may be that Python: on the path, then among those that pyenv keeps."""
    yield f"python{version}"
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(root.glob(f"versions/{version}.*/bin/python")))


def find_interpreter(version: str) -> str:
    """Answer a Python of that version which runs."""
    for command in find_interpreters(version):
        if shutil.which(command) and not subprocess.run([command, "-V"], capture_output=True, check=False).returncode:
            return command
    raise SystemExit(f"Python {version} is not here: install it (pyenv install {version}) and run this again")


def make_version(version: str, scratch: Path) -> None:
    """Install one version and let it write its pickles."""
    python, beside = VERSIONS[version]
    environment = scratch / version
    subprocess.run([find_interpreter(python), "-m", "venv", environment], check=True)
    own = environment / "bin" / "python"
    install = [own, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    subprocess.run([*install, f"scikit-learn=={version}", *beside], check=True)
    folder = FOLDER / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([own, Path(__file__).with_name("fit_small_models.py"), folder], check=True)
    print(version, "wrote", sum(1 for _ in folder.iterdir()), "files")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or VERSIONS:
        with tempfile.TemporaryDirectory() as name:
            make_version(wanted, Path(name))
