"""Whether systemd takes the unit, and what it lets the service do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.unit.bundle.deployments import NAMES, make_deployment, write_part
from tests.unit.bundle.judges import judge, lay_out

# Of 100; 12 is what is left to a service that listens: the network, the host's root, sockets of this machine.
EXPOSURE = 15
UNITS = Path("/lib/systemd/system")


def write_unit(name: str = "churn") -> tuple[str, str]:
    """The unit of a model of this name: its file's name and its text."""
    ((path, text),) = write_part("systemd", make_deployment(name)).items()
    return path.removeprefix("systemd/"), text


def verify(folder: Path, units: dict[str, str]) -> str:
    """What systemd says of units, on a machine on which they are installed as their first lines say."""
    shutil.copytree(UNITS, folder / "lib" / "systemd" / "system", symlinks=True)
    lay_out(folder, {f"etc/systemd/system/{unit}": text for unit, text in units.items()})
    programs = {path for text in units.values() for path in re.findall(r"^Exec\w+=/(\S+)", text, re.MULTILINE)}
    for program in programs:
        lay_out(folder, {program: ""})
        (folder / program).chmod(0o755)
    _, said = judge("systemd-analyze", "verify", f"--root={folder}", *units)
    # The machine's own units name programs that it does not have.
    return "\n".join(line for line in said.splitlines() if any(unit in line for unit in units))


def test_systemd_takes_it(tmp_path: Path) -> None:
    """There is nothing that systemd ignores, refuses or warns of, under any name of a model."""
    assert verify(tmp_path, dict(map(write_unit, NAMES))) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("PrivateTmp=", "PrivateTemp=", "Unknown key"),
        ("@privileged", "@privilege", "Unknown system call group"),
        ("ExecStart=/opt", "ExecStart=opt", "a valid executable name nor an absolute path"),
    ],
)
def test_the_judge_names_what_is_wrong(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    """A word that systemd does not know is named: the judge looks."""
    unit, text = write_unit()
    assert right in text
    assert said in verify(tmp_path, {unit: text.replace(right, wrong)})


def test_little_is_left_to_the_service(tmp_path: Path) -> None:
    """Of a hundred that systemd counts for a service that may do everything, at most fifteen are left."""
    unit, text = write_unit()
    lay_out(tmp_path, {unit: text, "open.service": re.sub(r"(?m)^(Protect|Private|Restrict|System).*\n", "", text)})
    arguments = ("security", "--offline=true", f"--threshold={EXPOSURE}")
    status, said = judge("systemd-analyze", *arguments, tmp_path / unit)
    assert status == 0, said
    assert judge("systemd-analyze", *arguments, tmp_path / "open.service")[0] == 1


def test_it_runs_what_its_first_lines_install() -> None:
    """The folder, the environment and the unit's name are the same in the commands above and in the unit."""
    unit, text = write_unit("2nd_Model.v1")
    head = [line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   ")]
    folder = re.search(r"^WorkingDirectory=(\S+)$", text, re.MULTILINE)
    assert folder
    assert f"cp -r . {folder[1]}" in head
    assert f"python3 -m venv {folder[1]}/.venv" in head
    assert f"cp systemd/{unit} /etc/systemd/system/" in head
    assert f"ExecStart={folder[1]}/.venv/bin/augury serve 2nd_Model.v1.augury.json\n" in text
    # A name that another service of the machine has would put this one in its place.
    assert write_unit("dbus")[0] == "dbus-prediction.service"
