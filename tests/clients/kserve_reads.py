"""Read a manifest into KServe's own models, in the environment that has them: `python kserve_reads.py < MANIFEST.json`.

What is written is a line for each member that the models do not have, or whose value is of another type; nothing where
there is no such member.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

from kserve import models as of_kserve
from kubernetes.client import models as of_kubernetes

PLAIN = {"int": int, "bool": bool, "str": str, "float": float}
# A quantity, or the number or name of a port.
EITHER = {"ResourceQuantity", "IntstrIntOrString", "object"}


def find_strange(value: object, kind: str, where: str) -> Iterator[str]:
    """Find what the models do not know, by the types that they declare."""
    if found := re.fullmatch(r"([Ll]ist|[Dd]ict)[\[(](?:str, )?(.+)[\])]", kind):
        outer, inner = found.groups()
        if not isinstance(value, list if outer.lower() == "list" else dict):
            yield f"{where} is no {kind}"
            return
        for key, each in enumerate(value) if isinstance(value, list) else value.items():
            yield from find_strange(each, inner, f"{where}/{key}")
    elif kind in PLAIN:
        if type(value) is not PLAIN[kind]:
            yield f"{where} is no {kind}"
    elif kind not in EITHER:
        yield from find_strange_members(value, kind, where)


def find_strange_members(value: object, kind: str, where: str) -> Iterator[str]:
    """Find what a model does not know."""
    model = getattr(of_kserve, kind, None) or getattr(of_kubernetes, kind)
    members = {name: model.openapi_types[attribute] for attribute, name in model.attribute_map.items()}
    if not isinstance(value, dict):
        yield f"{where} is no {kind}"
        return
    for name, each in value.items():
        if name in members:
            yield from find_strange(each, members[name], f"{where}/{name}")
        else:
            yield f"{where}/{name} is not in {kind}"


if __name__ == "__main__":
    for line in find_strange(json.load(sys.stdin), "V1beta1InferenceService", ""):
        sys.stdout.write(f"{line}\n")
