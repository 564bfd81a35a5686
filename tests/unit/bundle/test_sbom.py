"""Whether the bill of materials is one, and complete."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from augury.bundle.lock import WHEELS
from augury.bundle.parts import PARTS
from tests.unit.bundle.deployments import NAMES, PACKAGES, make_deployment, write_part

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


def write_sbom(name: str = "churn") -> str:
    """The document of a model of this name."""
    return write_part("sbom", make_deployment(name, is_hostile=True))["sbom.cdx.json"]


def read_sbom(name: str = "churn") -> dict[str, Any]:
    """The same, read."""
    sbom: dict[str, Any] = json.loads(write_sbom(name))
    return sbom


def test_it_is_valid() -> None:
    """CycloneDX's own library finds nothing to object to, and nothing that it does not know."""
    # It judges every address with a grammar, which takes seconds: once, then, and the names are judged below.
    assert VALIDATOR.validate_str(write_sbom("A..B--")) is None


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_texts(name: str) -> None:
    """A model may have any name that a model may have; the service has one that is its own."""
    sbom = read_sbom(name)
    assert [each["name"] for each in sbom["components"] if each["type"] == "machine-learning-model"] == [name]
    assert sbom["metadata"]["component"]["name"] == make_deployment(name).service


def test_the_judge_refuses_what_is_wrong() -> None:
    """A member that there is not is refused: the judge looks."""
    assert VALIDATOR.validate_str(json.dumps(read_sbom() | {"made": "now"})) is not None


def test_the_model_is_the_file() -> None:
    """The model's hash is that of the artifact's bytes, as a scanner takes it, and its digest is the artifact's own."""
    deployment = make_deployment("1e3", is_hostile=True)
    (model,) = [each for each in read_sbom("1e3")["components"] if each["type"] == "machine-learning-model"]
    assert (model["name"], model["version"]) == ("1e3", deployment.version)
    assert model["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(deployment.content).hexdigest()}]
    assert {"name": "augury:digest", "value": f"sha256:{deployment.digest}"} in model["properties"]


def test_every_package_is_in_it_with_every_wheel() -> None:
    """Each package of the lock, and Augury itself, is named as an index does, with the hash of each of its wheels."""
    packages = {each["name"]: each for each in read_sbom()["components"] if each["type"] == "library"}
    assert packages.keys() == {package.name for package in PACKAGES}
    for package in PACKAGES:
        described = packages[package.name]
        purl = PackageURL.from_string(described["purl"])
        assert (purl.type, purl.name, purl.version) == ("pypi", package.name, package.version)
        wheels = {
            (each["url"], hashed["content"]) for each in described["externalReferences"] for hashed in each["hashes"]
        }
        assert wheels == {(f"{WHEELS}/{wheel.file}", wheel.sha256) for wheel in package.wheels}
        assert described["scope"] == ("optional" if package.marker else "required")


def test_it_says_what_needs_what() -> None:
    """From the service every component is reached, and nothing is named that there is not."""
    sbom = read_sbom()
    needs = {each["ref"]: set(each.get("dependsOn", ())) for each in sbom["dependencies"]}
    refs = {each["bom-ref"] for each in sbom["components"]} | {sbom["metadata"]["component"]["bom-ref"]}
    assert needs.keys() == refs
    assert set().union(*needs.values()) <= refs
    by_name = {package.name: f"pkg:pypi/{package.name}@{package.version}" for package in PACKAGES}
    for package in PACKAGES:
        assert needs[by_name[package.name]] == {by_name[name] for name in package.dependencies}


def test_the_same_deployment_gives_the_same_bytes() -> None:
    """There is no time in it, and its serial number is its content's: another model, or another lock, has another."""
    sbom, other = read_sbom(), read_sbom("no")
    assert write_sbom() == write_sbom()
    newer = [msgspec.structs.replace(package, version="99") for package in PACKAGES]
    locked = json.loads(PARTS["sbom"].write(make_deployment(is_hostile=True), newer)["sbom.cdx.json"])
    assert len({each["serialNumber"] for each in (sbom, other, locked)}) == 3
    assert re.search(r"\d\d:\d\d", write_sbom()) is None
