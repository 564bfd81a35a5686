"""Gather what an image needs to run this Python and its packages, no more: ``python image_root.py FOLDER UID``.

The folder becomes the root of an image: the interpreter, its standard library without what a service never uses, the
installed packages without pip, and the shared libraries that all of these are linked with. There is no shell in it.
"""

from __future__ import annotations

import compileall
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from py_compile import PycInvalidationMode

# Parts of the standard library and of site-packages that answer no request: windows, tests, terminals, installers.
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "test", "tests", "_test*", "xx*.so", "config-*", "*.a",
    "idlelib", "tkinter", "_tkinter*", "turtle.py", "turtledemo", "_curses*", "readline*", "pydoc_data", "lib2to3",
    "_dbm*", "_gdbm*", "ensurepip", "pip", "pip-*", "setuptools", "setuptools-*", "wheel", "wheel-*", "pkg_resources",
    "_distutils_hack", "distutils-precedence.pth",
)  # fmt: skip
# A line of ldd: the library that is found, or the loader, which has no arrow.
LINKED = re.compile(r"(?:.* => )?(/\S+) \(0x[0-9a-f]+\)")


def copy_python(root: Path) -> None:
    """Copy the interpreter, the scripts of Augury, the standard library and the packages."""
    executable = Path(sys.executable).resolve()
    binaries = place(root, executable.parent)
    shutil.copy2(executable, binaries)
    for name in ("python", "python3"):
        (binaries / name).symlink_to(executable.name)
    shutil.copy2(Path(sysconfig.get_path("scripts")) / "augury", binaries)
    for folder in dict.fromkeys(sysconfig.get_path(name) for name in ("stdlib", "platlib", "purelib")):
        shutil.copytree(folder, place(root, Path(folder)), ignore=LEFT_OUT, symlinks=True, dirs_exist_ok=True)


def copy_libraries(root: Path) -> None:
    """Copy the shared libraries that the programs and modules in the root are linked with, and the loader."""
    binaries = root / Path(sys.executable).resolve().relative_to("/")
    for linked in [binaries, *root.rglob("*.so")]:
        listed = subprocess.run(["ldd", str(linked)], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607
        if "not found" in listed:
            sys.exit(f"{linked.name} is linked with a library that is not there:\n{listed}")
        for line in listed.splitlines():
            if found := LINKED.fullmatch(line.strip()):
                library = Path(found[1])
                if not (target := place(root, library.parent) / library.name).exists():
                    shutil.copy2(library, target)
    for name in ("ld.so.conf", "ld.so.conf.d"):
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, place(root, source), dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, place(root, source.parent))
    subprocess.run(["/sbin/ldconfig", "-r", str(root)], check=True)  # noqa: S603


def write_user(root: Path, uid: int) -> None:
    """Write the user as which the service runs, and a folder that others can be mounted on."""
    place(root, Path("/etc"))
    (root / "etc" / "passwd").write_text(f"augury:x:{uid}:{uid}::/model:/nonexistent\n", encoding="ascii")
    (root / "etc" / "group").write_text(f"augury:x:{uid}:\n", encoding="ascii")
    for name in ("model", "tmp"):
        place(root, Path("/") / name)
    (root / "tmp").chmod(0o1777)


def place(root: Path, path: Path) -> Path:
    """Make the folder in the root that a folder of this machine becomes."""
    folder = root / path.relative_to("/")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main(root: Path, uid: int) -> None:
    """Gather everything, compiled: the service may write nothing, and starts sooner."""
    copy_python(root)
    copy_libraries(root)
    write_user(root, uid)
    mode = PycInvalidationMode.UNCHECKED_HASH  # the files of an image do not change
    compileall.compile_dir(root, quiet=2, invalidation_mode=mode, stripdir=str(root), prependdir="/")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
