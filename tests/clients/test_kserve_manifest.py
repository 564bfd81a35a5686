"""Whether KServe's own models know everything that a bundle's InferenceService says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clients.conftest import find_clients
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part

SCRIPT = Path(__file__).with_name("kserve_reads.py")


def judge(manifest: dict[str, Any]) -> list[str]:
    """What KServe's models do not know of a manifest."""
    command = [str(find_clients()), str(SCRIPT)]
    judged = subprocess.run(command, input=json.dumps(manifest), capture_output=True, check=True, text=True, timeout=60)
    return judged.stdout.splitlines()


@pytest.mark.parametrize("name", [NAMES[0], "A..B--"])
def test_kserve_knows_every_member(name: str) -> None:
    """No member is unknown to KServe, and each value is of the type that it declares."""
    manifest = yaml.safe_load(write_part("kserve", make_deployment(name))["kserve/inference-service.yaml"])
    assert judge(manifest) == []


def test_the_judge_names_what_is_strange() -> None:
    """A member that there is not and a value of another type are named, however deep they are: the judge looks."""
    manifest = yaml.safe_load(write_part("kserve", make_deployment())["kserve/inference-service.yaml"])
    manifest["spec"]["predictor"] |= {"minReplica": 1, "maxReplicas": "10"}
    manifest["spec"]["predictor"]["containers"][0]["ports"][0]["containerPort"] = "9696"
    assert judge(manifest) == [
        "/spec/predictor/maxReplicas is no int",
        "/spec/predictor/containers/0/ports/0/containerPort is no int",
        "/spec/predictor/minReplica is not in V1beta1PredictorSpec",
    ]
