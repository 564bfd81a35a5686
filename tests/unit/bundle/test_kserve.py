"""Whether the InferenceService says what KServe asks for; KServe's own models judge its members in tests/clients."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from augury.api import load_bundled
from augury.bundle.deployment import PORT
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.service.asking import ask
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part


def read(name: str = "churn") -> dict[str, Any]:
    """The InferenceService of a model of this name."""
    service: dict[str, Any] = yaml.safe_load(
        write_part("kserve", make_deployment(name, is_hostile=True))["kserve/inference-service.yaml"]
    )
    return service


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_that_kserve_takes(name: str) -> None:
    """The name is as KServe's webhook wants it, and short enough for what Knative adds to it."""
    service = read(name)
    assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", service["metadata"]["name"])
    assert len(service["metadata"]["name"] + "-predictor-00001") <= 63
    assert service["metadata"]["annotations"]["augury/model"].startswith(f"{name}@")


def test_kserve_is_told_what_the_container_speaks() -> None:
    """By the name of the container and by PROTOCOL KServe knows that it is asked by the Open Inference Protocol."""
    (container,) = read()["spec"]["predictor"]["containers"]
    assert container["name"] == "kserve-container"
    assert container["env"] == [{"name": "PROTOCOL", "value": "v2"}]
    assert container["ports"] == [{"containerPort": PORT, "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("part", "file"), [("kserve", "kserve/inference-service.yaml"), ("k8s", "k8s/deployment.yaml")]
)
def test_probes_ask_what_the_service_answers(part: str, file: str) -> None:
    """Each path that a probe or Prometheus asks is answered with 200."""
    app = create_app([load_bundled()], settings=Settings())
    text = write_part(part, make_deployment())[file]
    paths = re.findall(r"path: (/[\w/]+)", text)
    assert len(paths) >= 3
    assert {path: ask(app, "GET", path).status for path in paths} == dict.fromkeys(paths, 200)
