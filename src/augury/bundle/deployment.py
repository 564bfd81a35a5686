"""What is said of a model wherever it is deployed: its names as systems take them, its version, an example."""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from augury import __version__
from augury.model import Model

# The Python of the image: the newest that Augury is tested with. Its patch releases come with the tag.
PYTHON = "3.13"
PORT = 9696
# The user of the image: no name of the host's, and not root.
UID = 10001
# A label of DNS is at most 63 characters, and what is made of ours has a suffix of up to 22.
_LONGEST_SLUG = 40


class Deployment(Struct, frozen=True):
    """One model as it is deployed.

    Args:
        name: the model's.
        slug: that name as a label of DNS (RFC 1035): lower-case letters, digits and hyphens after a letter.
        file: the name of the artifact in the bundle.
        digest: of the artifact, 64 hexadecimal digits.
        content: of the artifact.
        target: the key of the answer.
        record: an example, as JSON.
        answer: what ``/predict`` answers to the example, as JSON.
    """

    name: str
    slug: str
    file: str
    digest: str
    content: bytes
    target: str
    record: str
    answer: str

    @property
    def version(self) -> str:
        """The first twelve digits of the digest: what the service calls the model's version."""
        return self.digest[:12]

    @property
    def service(self) -> str:
        """The service's name wherever one is asked for; longer than the slug, so that it is nobody else's."""
        return f"{self.slug}-prediction"

    @property
    def image(self) -> str:
        """The image's name and tag; another model has another tag."""
        return f"{self.service}:{self.version}"

    @property
    def config_map(self) -> str:
        """The name under which Kubernetes keeps the artifact; another model has another one."""
        return f"{self.slug}-model-{self.version}"

    @property
    def label(self) -> str:
        """Name and version, as the service writes them."""
        return f"{self.name}@{self.version}"

    def list_values(self) -> dict[str, str]:
        """List what the blanks of a template are filled with."""
        return {
            "slug": self.slug,
            "service": self.service,
            "config_map": self.config_map,
            "file": self.file,
            "sha256": f"sha256:{self.digest}",
            "version": self.version,
            "image": self.image,
            "label": self.label,
            "augury": __version__,
            "python": PYTHON,
            "port": str(PORT),
            "uid": str(UID),
        }


def describe_deployment(model: Model, content: bytes) -> Deployment:
    """Describe how a model is deployed, from the model and the bytes of its artifact."""
    examples = [msgspec.json.encode(example) for example in model.examples]
    # One without a note, where there is one: what every record should be like.
    record = next((each for each in examples if model.answer_fast(each)), examples[0])
    prediction = model.predict_one(msgspec.json.decode(record))
    answer = {model.target: prediction.label, f"{model.target}_probability": prediction.probability}
    return Deployment(
        name=model.name,
        slug=make_slug(model.name),
        file=f"{model.name}.augury.json",
        digest=model.digest.removeprefix("sha256:"),
        content=content,
        target=model.target,
        record=record.decode(),
        answer=msgspec.json.encode(answer).decode(),
    )


def make_slug(name: str) -> str:
    """Make a label of DNS from a model's name.

    >>> make_slug("Churn_2024.v2"), make_slug("2nd")
    ('churn-2024-v2', 'm-2nd')
    """
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    label = label if label[:1].isalpha() else f"m-{label}"
    return label[:_LONGEST_SLUG].strip("-")
