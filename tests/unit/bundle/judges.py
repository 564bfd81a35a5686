"""Programs that judge what a bundle holds, and what they need to run."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def find_judge(name: str) -> str:
    """Find a program, beside the tests' Python or in the path, or skip the test by its name."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def judge(name: str, *arguments: str | Path, folder: Path | None = None) -> tuple[int, str]:
    """Run one, and answer with its exit status and what it said."""
    command = [find_judge(name), *map(str, arguments)]
    judged = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=120)
    return judged.returncode, judged.stdout + judged.stderr


def lay_out(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder, and answer with it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def find_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports
