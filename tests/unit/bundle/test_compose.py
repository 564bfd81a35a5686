"""Whether compose takes its file, and nothing in it is open or has a password of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from augury.bundle.deployment import PORT, UID
from augury.bundle.parts import PARTS
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part
from tests.unit.bundle.judges import judge, lay_out


def read(name: str = "churn") -> dict[str, Any]:
    """The file for a model of this name."""
    compose: dict[str, Any] = yaml.safe_load(write_part("compose", make_deployment(name))["compose.yaml"])
    return compose


def test_it_is_valid(tmp_path: Path) -> None:
    """The file satisfies the Compose Specification under any name of a model, and its name is one of a project."""
    texts = [write_part("compose", make_deployment(name))["compose.yaml"] for name in NAMES]
    lay_out(tmp_path, {f"{at}.yaml": text for at, text in enumerate(texts)})
    status, said = judge("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *tmp_path.iterdir())
    assert status == 0, said
    for name in NAMES:
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", read(name)["name"])


def test_the_judge_refuses_what_is_wrong(tmp_path: Path) -> None:
    """A member that there is not is refused: the judge looks."""
    text = write_part("compose", make_deployment())["compose.yaml"].replace("read_only:", "readonly:")
    lay_out(tmp_path, {"compose.yaml": text})
    assert judge("check-jsonschema", "--builtin-schema", "vendor.compose-spec", tmp_path / "compose.yaml")[0] == 1


def test_the_service_may_do_nothing_that_it_need_not() -> None:
    """It runs as its user, writes nothing, has no right to lose and none to win, is bounded, and is this machine's."""
    service = read()["services"]["prediction"]
    assert service["user"] == f"{UID}:{UID}"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "mem_limit", "pids_limit"} <= service.keys()
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    # The image's own health check is inherited.
    assert "healthcheck" not in service


def test_everything_else_is_asked_for_by_name() -> None:
    """Without a profile there is the service alone, and no port of any is open to other machines."""
    services = read()["services"]
    profiles = {name: service.get("profiles") for name, service in services.items()}
    monitoring = ["monitoring"]
    assert profiles == {"prediction": None, "database": ["database"], "prometheus": monitoring, "grafana": monitoring}
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert re.search(r":v?\d+(\.\d+)+$|:[0-9a-f]{12}$", service["image"]), "an image is pinned by its tag"


def test_there_is_no_password_in_it() -> None:
    """Passwords come from the environment when one is needed; nothing is looked up in it before, so `up` needs none."""
    text = write_part("compose", make_deployment())["compose.yaml"]
    compose = yaml.safe_load(text)
    # Compose looks up every variable in the file, also those of profiles that are not started.
    assert "$" not in text
    assert compose["secrets"] == {
        "postgres-password": {"environment": "POSTGRES_PASSWORD"},
        "grafana-password": {"environment": "GRAFANA_PASSWORD"},
    }
    for name, variable in (("database", "POSTGRES_PASSWORD_FILE"), ("grafana", "GF_SECURITY_ADMIN_PASSWORD__FILE")):
        service = compose["services"][name]
        (secret,) = service["secrets"]
        assert service["environment"][variable] == f"/run/secrets/{secret}"
        assert [key for key in service["environment"] if "PASSWORD" in key] == [variable]
    assert compose["services"]["grafana"]["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


def test_what_it_mounts_is_in_the_bundle() -> None:
    """Each file that is mounted is one that the parts it needs write, and each volume and network is declared."""
    compose = read()
    written = {path for part in PARTS["compose"].needs for path in write_part(part, make_deployment())}
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source.removeprefix("./") in written if source.startswith("./") else source in compose["volumes"]
        assert set(service["networks"]) <= compose["networks"].keys()
