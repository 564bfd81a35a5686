"""The image: a Dockerfile whose last stage holds Python, the locked packages and the model, and no shell."""

from __future__ import annotations

from pathlib import Path

from augury.bundle.deployment import Deployment
from augury.bundle.files import Files
from augury.bundle.template import fill

# What gathers the files of the last stage runs as it is, in the image's own Python.
_ROOT = Path(__file__).with_name("image_root.py")


def write_image(deployment: Deployment) -> Files:
    """Write the Dockerfile, what it runs, and what is kept from it.

    The values stand inside quotes and comments of a Dockerfile: a model's name is letters, digits, dots, hyphens and
    underscores (``artifact.check.MODEL_NAME``), all of which are themselves there.
    """
    values = deployment.list_values()
    return {
        "Dockerfile": fill("Dockerfile", values, str),
        ".dockerignore": fill("dockerignore", values, str),
        _ROOT.name: _ROOT.read_bytes(),
    }
