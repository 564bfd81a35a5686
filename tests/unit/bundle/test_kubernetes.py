"""Whether Kubernetes takes the manifests, and what they promise holds together."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import msgspec
import pytest
import yaml

from augury.bundle.deployment import PORT, UID, Deployment
from augury.bundle.model_map import MAX_BYTES, quote_content
from tests.unit.bundle.deployments import NAMES, make_deployment, write_part

# The oldest that the manifests are for, and the newest that is known.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def read(deployment: Deployment, part: str = "k8s") -> dict[str, Any]:
    """The objects of a part by their kind."""
    objects = [yaml.safe_load(text) for text in write_part(part, deployment).values()]
    return {each["kind"]: each for each in objects}


def make_larger(deployment: Deployment, size: int) -> Deployment:
    """The same with an artifact of so many bytes; its lines end as one's do."""
    content = deployment.content[:-1] + b"x" * (size - len(deployment.content)) + b"\n"
    return msgspec.structs.replace(deployment, content=content)


@pytest.mark.parametrize(("name", "version"), [("churn", VERSIONS[0]), *((name, VERSIONS[1]) for name in NAMES)])
def test_kubernetes_takes_them(name: str, version: str) -> None:
    """Every manifest is valid against the schema of Kubernetes, in which nothing is unknown, under any name."""
    for each in read(make_deployment(name, is_hostile=True)).values():
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_judge_refuses_what_is_wrong(version: str) -> None:
    """A member that there is not, and a text in the place of a number, are refused: the judge looks."""
    deployment = read(make_deployment())["Deployment"]
    for wrong in ({"replica": 2}, {"minReadySeconds": "5"}):
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(deployment | {"spec": deployment["spec"] | wrong}, version, strict=True)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_labels_of_dns(name: str) -> None:
    """Objects are named so that a Service, which is a name of DNS, may be too; each text stays a text."""
    objects = read(make_deployment(name))
    for each in objects.values():
        metadata = each["metadata"]
        assert LABEL.fullmatch(metadata["name"]), metadata["name"]
        texts = {**metadata["labels"], **metadata.get("annotations", {})}
        assert all(isinstance(text, str) for text in texts.values())
        assert all(re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9_.]{0,62}", text) for text in metadata["labels"].values())
    assert objects["Deployment"]["metadata"]["annotations"]["augury/model"].startswith(f"{name}@")


@pytest.mark.parametrize("is_hostile", [False, True])
@pytest.mark.parametrize("part", ["k8s", "kserve"])
def test_the_model_is_the_artifact_byte_for_byte(part: str, is_hostile: bool) -> None:
    """What is mounted is the file, whatever its fields and levels are called, and never changes under its name."""
    deployment = make_deployment("1e3", is_hostile=is_hostile)
    config_map = read(deployment, part)["ConfigMap"]
    assert config_map["immutable"] is True
    assert {name: text.encode() for name, text in config_map["data"].items()} == {deployment.file: deployment.content}
    assert deployment.version in config_map["metadata"]["name"]


def test_the_model_can_be_read_where_that_is_exact() -> None:
    """Lines stand as lines; a sign at which some YAML ends a line, or one that is no text, has the whole quoted."""
    assert quote_content('{\n  "é": "𝄞"\n}\n') == '|\n    {\n      "é": "𝄞"\n    }'
    signs = ("\u2028", "\u2029", "\x85", "\x7f", "\ufeff", "\r", "\t", "\ufffe")
    for text in (*(f"{{{sign}}}\n" for sign in signs), "{}", "{}\n\n", " {}\n", "", "\n", "{\n"):
        assert yaml.safe_load(f"data: {quote_content(text)}\n") == {"data": text}
        assert quote_content(text).startswith('"') is not (text == "{\n")


@pytest.mark.parametrize(("part", "kind"), [("k8s", "Deployment"), ("kserve", "InferenceService")])
def test_a_model_too_large_for_a_config_map_is_the_images(part: str, kind: str) -> None:
    """From a million bytes up there is no ConfigMap and no mount; up to there, there are both."""
    fits, large = (make_larger(make_deployment(), size) for size in (MAX_BYTES, MAX_BYTES + 1))
    config_map, without = read(fits, part), read(large, part)
    pods = [find_pod(objects[kind]) for objects in (config_map, without)]
    name = config_map["ConfigMap"]["metadata"]["name"]
    assert pods[0]["volumes"] == [{"name": "model", "configMap": {"name": name}}]
    assert pods[0]["containers"][0]["volumeMounts"] == [{"name": "model", "mountPath": "/model", "readOnly": True}]
    assert "ConfigMap" not in without
    assert "volumes" not in pods[1]
    assert "volumeMounts" not in pods[1]["containers"][0]
    assert "1,000,001 bytes" in write_part(part, large)[next(iter(write_part(part, large)))]


def find_pod(each: dict[str, Any]) -> dict[str, Any]:
    """The pod of a Deployment or an InferenceService."""
    spec: dict[str, Any] = each["spec"]
    pod: dict[str, Any] = spec["template"]["spec"] if "template" in spec else spec["predictor"]
    return pod


@pytest.mark.parametrize(("part", "kind"), [("k8s", "Deployment"), ("kserve", "InferenceService")])
def test_a_pod_may_do_nothing_that_it_need_not(part: str, kind: str) -> None:
    """The container meets what Kubernetes calls the restricted standard, writes nothing, and is bounded."""
    pod = find_pod(read(make_deployment(), part)[kind])
    container = pod["containers"][0]
    security = {**pod.get("securityContext", {}), **container["securityContext"]}
    assert security == {
        "runAsNonRoot": True,
        "runAsUser": UID,
        "runAsGroup": UID,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod["automountServiceAccountToken"] is False
    assert container["resources"]["limits"].keys() == container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert container["ports"][0]["containerPort"] == PORT


@pytest.mark.parametrize(("part", "kind"), [("k8s", "Deployment"), ("kserve", "InferenceService")])
def test_all_are_applied_as_their_first_lines_say(part: str, kind: str) -> None:
    """One after the other they are as many documents, and the line that names the registry changes the image alone."""
    deployment = make_deployment("no")
    files = write_part(part, deployment)
    whole = "".join(files[path] for path in sorted(files))
    (command,) = [line for line in whole.splitlines() if line.startswith(f"#   cat {part}/*.yaml | sed ")]
    of, to = re.findall(r"'s#(.*)#(.*)#'", command)[0]
    before, after = (list(yaml.safe_load_all(text)) for text in (whole, whole.replace(of, to)))
    assert len(before) == len(files)
    pods = [find_pod(next(each for each in read if each["kind"] == kind)) for read in (before, after)]
    assert pods[1]["containers"][0].pop("image") == f"REGISTRY/{pods[0]['containers'][0].pop('image')}"
    assert before == after


def test_a_pod_is_given_the_time_to_end() -> None:
    """The grace holds the pause before SIGTERM and the ten seconds in which the service drains."""
    pod = find_pod(read(make_deployment())["Deployment"])
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= pause + 10


def test_all_of_them_mean_the_same_pods() -> None:
    """Service, budget, policy and autoscaler find what the Deployment makes."""
    objects = read(make_deployment())
    deployment = objects["Deployment"]
    selector = deployment["spec"]["selector"]["matchLabels"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert selector.items() <= labels.items()
    # A selector cannot be changed, so it does not name the version.
    assert "app.kubernetes.io/version" not in selector
    assert objects["Service"]["spec"]["selector"] == selector
    assert objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == selector
    policy = objects["NetworkPolicy"]["spec"]
    assert policy["podSelector"]["matchLabels"] == selector
    assert policy["ingress"] == [{"ports": [{"port": PORT, "protocol": "TCP"}]}]
    assert policy["egress"] == []
    target = objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", deployment["metadata"]["name"])
    # How many there are is the autoscaler's alone.
    assert "replicas" not in deployment["spec"]
