"""The bill of materials: the model and every package of the lock, as CycloneDX 1.6.

It names what the bundle brings. Python and the libraries beneath it come with the image's base, and are found by
whoever scans the image; the document says that it is incomplete in this.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence

from augury import __version__
from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.lock import WHEELS, Package

_SERVICE, _MODEL, _OWN = "service", "model", "augury"


def write_sbom(deployment: Deployment, packages: Sequence[Package]) -> Files:
    """Write the document; its serial number is its content's, and it has no time, so that it is the same each time."""
    refs = {package.name: f"pkg:pypi/{package.name}@{package.version}" for package in packages}
    content: dict[str, object] = {
        "metadata": _describe_service(deployment),
        "components": [_describe_model(deployment), *(_describe_package(each, refs[each.name]) for each in packages)],
        "dependencies": [
            {"ref": _SERVICE, "dependsOn": [_MODEL, refs[_OWN]]},
            {"ref": _MODEL},
            *({"ref": refs[each.name], "dependsOn": [refs[name] for name in each.dependencies]} for each in packages),
        ],
        "compositions": [{"aggregate": "incomplete", "assemblies": [_SERVICE]}],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
    }
    return {"sbom.cdx.json": (json.dumps(head | content, indent=2) + "\n").encode()}


def _describe_service(deployment: Deployment) -> dict[str, object]:
    tool = {"type": "application", "name": _OWN, "version": __version__}
    service = {"type": "application", "bom-ref": _SERVICE, "name": deployment.service, "version": deployment.version}
    return {"tools": {"components": [tool]}, "component": service}


def _describe_model(deployment: Deployment) -> dict[str, object]:
    """Describe the artifact; the hash is that of the file, and not the digest, which is taken without itself."""
    return {
        "type": "machine-learning-model",
        "bom-ref": _MODEL,
        "name": deployment.name,
        "version": deployment.version,
        "hashes": [_hash(hashlib.sha256(deployment.content).hexdigest())],
        "modelCard": {"modelParameters": {"task": "classification"}},
        "properties": [
            {"name": "augury:file", "value": deployment.file},
            {"name": "augury:digest", "value": f"sha256:{deployment.digest}"},
            {"name": "augury:target", "value": deployment.target},
        ],
    }


def _describe_package(package: Package, ref: str) -> dict[str, object]:
    """Describe a package; each of its wheels is a distribution, as it has no one hash."""
    described: dict[str, object] = {
        "type": "library",
        "bom-ref": ref,
        "name": package.name,
        "version": package.version,
        "purl": ref,
        "scope": "optional" if package.marker else "required",
        "externalReferences": [
            {"type": "distribution", "url": f"{WHEELS}/{wheel.file}", "hashes": [_hash(wheel.sha256)]}
            for wheel in package.wheels
        ],
    }
    if package.name == _OWN:
        described["licenses"] = [{"license": {"id": "Apache-2.0"}}]
    if package.marker:
        described["properties"] = [{"name": "augury:marker", "value": package.marker}]
    return described


def _hash(digits: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digits}
