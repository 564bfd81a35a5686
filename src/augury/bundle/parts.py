"""What a bundle may hold besides: each part by its name, with what it is for and the function that writes its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from augury.bundle.compose import write_compose
from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.host import write_nginx, write_systemd
from augury.bundle.kserve import write_kserve
from augury.bundle.kubernetes import write_kubernetes
from augury.bundle.lock import Package
from augury.bundle.monitoring import write_monitoring
from augury.bundle.sbom import write_sbom
from augury.bundle.workflow import write_workflow


class Part(Struct, frozen=True):
    """A part of a bundle.

    Args:
        about: what it is, as the end of a sentence.
        use: how it is used, a line of the bundle's README.
        write: makes its files, from the deployment and every package that is installed.
        needs: other parts that it refers to.
    """

    about: str
    use: str
    write: Callable[[Deployment, Sequence[Package]], Files]
    needs: tuple[str, ...] = ()


PARTS: dict[str, Part] = {
    "compose": Part(
        "The service with Prometheus, Grafana and PostgreSQL beside it, each where it is asked for",
        "`docker compose up --detach --wait`",
        write_compose,
        needs=("monitoring",),
    ),
    "k8s": Part(
        "Manifests of Kubernetes: a Deployment with the model in a ConfigMap, and what keeps it answering",
        "The first lines of `k8s/deployment.yaml` say how they are applied",
        write_kubernetes,
    ),
    "kserve": Part(
        "An InferenceService of KServe",
        "The first lines of `kserve/inference-service.yaml` say how it is applied",
        write_kserve,
    ),
    "systemd": Part("A hardened unit of systemd", "Its first lines say how it is installed", write_systemd),
    "nginx": Part("A site of nginx, with TLS", "Its first lines say what is to be filled in", write_nginx),
    "monitoring": Part(
        "What Prometheus and Grafana read: where to ask, alerts, a dashboard",
        "`promtool check config monitoring/prometheus.yaml`",
        write_monitoring,
    ),
    "sbom": Part("`sbom.cdx.json`, the bill of materials, as CycloneDX", "For whoever asks what is in it", write_sbom),
    "workflow": Part(
        "A workflow of GitHub Actions that builds the image, scans it and pushes it",
        "Put the bundle at the root of a repository",
        write_workflow,
        needs=("sbom",),
    ),
}
