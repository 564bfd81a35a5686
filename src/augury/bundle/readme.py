"""The bundle's README, which is true of this very model."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from augury import __version__
from augury.bundle.deployment import PORT, PYTHON, UID, Deployment
from augury.bundle.lock import WHEELS
from augury.bundle.parts import PARTS
from augury.bundle.quoting import cell, code, fence
from augury.contract.fields import CategoryField, Feature, IntegerField, NumberField
from augury.model import Model

# A table of fields says what they are, not all of what they take: that is in the schema.
_LEVELS_SHOWN = 6


def write_readme(model: Model, deployment: Deployment, parts: Sequence[str]) -> bytes:
    """Write the README."""
    return "\n".join(_iter_lines(model, deployment, parts)).encode()


def _iter_lines(model: Model, deployment: Deployment, parts: Sequence[str]) -> Iterator[str]:
    body = model.document.model
    target = body.target
    yield f"# {deployment.label}\n"
    yield (
        f"A service that answers with the model {code(deployment.name)}, made by Augury {__version__} from"
        f" {code(deployment.file)}. For each record it says {code(f'{target.name}_probability')}, how likely"
        f" {code(target.column)} is {code(str(target.positive))}, and {code(target.name)}, which is true from"
        f" {model.threshold!r} up.\n"
    )
    yield f"The artifact's digest is {code(f'sha256:{deployment.digest}')}.\n"
    yield "## Run it\n"
    yield from _tell_ways(deployment)
    yield "## Ask it\n"
    yield from _tell_question(deployment)
    yield "## What a record holds\n"
    yield "| field | takes |\n|---|---|"
    yield from (f"| {cell(field.name)} | {_describe(field)} |" for field in body.contract.features)
    yield (
        "\nWhat the contract does not take is refused, with every fault named. `GET /schema` has the whole of it, and"
        f" <http://localhost:{PORT}/> a page to try it.\n"
    )
    yield "## Before it is used\n"
    yield (
        "`augury check-bundle .` installs the lock into a fresh environment, starts the service as the image does, asks"
        " it the golden rows and stops it. `sha256sum --check SHA256SUMS` says whether a file was changed.\n"
    )
    yield from _tell_model(model)
    yield "## What is here\n"
    yield "| file | |\n|---|---|"
    yield from (f"| {cell(name)} | {about} |" for name, about in _list_files(deployment))
    yield from (f"| {name} | {PARTS[name].about}. {PARTS[name].use} |" for name in parts)
    yield (
        "\nVersions and hashes are those of the lock that comes with Augury: nothing was resolved on the day this"
        " was made, and the same model and version of Augury give the same bytes.\n"
    )


def _tell_ways(deployment: Deployment) -> Iterator[str]:
    image = deployment.service
    yield "With Docker:\n"
    yield fence(f"docker build -t {image} .\ndocker run --rm -it --read-only -p {PORT}:{PORT} {image}", "sh")
    yield (
        f"\nThe image holds Python {PYTHON}, the locked packages and the model: no shell, no package manager. It runs"
        f" as user {UID}, writes nothing, and is healthy when `/readyz` says so. Options of `augury serve` come after"
        " the image's name, such as `--workers 2`.\n"
    )
    yield "With Pipenv:\n"
    yield fence(f"PIP_FIND_LINKS={WHEELS} pipenv install --deploy\npipenv run serve", "sh")
    yield "\nWith pip, in an environment of its own:\n"
    serve = f"augury serve {shlex.quote(deployment.file)}"
    yield fence(f"python3 -m venv .venv\n.venv/bin/pip install -r requirements.txt\n.venv/bin/{serve}", "sh")
    yield (
        "\nWithout an index, on a machine that reaches none: first, on one of the same kind that does,"
        f" {code(f'pip download --require-hashes -r requirements.txt -d {WHEELS}')}; then each of these takes the"
        f" packages from {code(WHEELS)}, with {code('PIP_NO_INDEX=1')} set.\n"
    )


def _tell_question(deployment: Deployment) -> Iterator[str]:
    # The example is made up: a golden row, never a customer.
    ask = f"curl -H 'Content-Type: application/json' http://localhost:{PORT}/predict"
    yield fence(f"{ask} \\\n  -d {shlex.quote(deployment.record)}", "sh")
    yield ""
    yield fence(deployment.answer, "json")
    yield ""


def _describe(field: Feature) -> str:
    """Describe what a field takes, and what is let through that training did not have there."""
    also = ["null, which is filled"] if field.null == "impute" else []
    also += ["nothing at all"] if field.absent == "optional" else []
    also += ["another level, with a note"] if isinstance(field, CategoryField) and field.unseen == "note" else []
    return "; or ".join([_describe_values(field), *also])


def _describe_values(field: Feature) -> str:
    match field:
        case CategoryField():
            levels = ", ".join(cell(str(level)) for level in field.levels[:_LEVELS_SHOWN])
            more = len(field.levels) - _LEVELS_SHOWN
            return levels + (f" and {more} more" if more > 0 else "")
        case NumberField() | IntegerField():
            kind = "a whole number" if isinstance(field, IntegerField) else "a number"
            return f"{kind}, {field.seen.low:g} to {field.seen.high:g} in training" if field.seen else kind
        case _:
            return "true or false"


def _tell_model(model: Model) -> Iterator[str]:
    body = model.document.model
    yield "## What is known of the model\n"
    yield f"It was made from {code(body.provenance.estimator)}."
    if body.evaluation is None:
        yield "How well it does is not in the artifact: it was compiled, and whoever trained it knows.\n"
        return
    yield f"How well it does on rows held out is in the artifact: {code(f'augury inspect {model.name}.augury.json')}.\n"


def _list_files(deployment: Deployment) -> Iterator[tuple[str, str]]:
    yield deployment.file, "the model: data, no code"
    yield "Dockerfile", "with `.dockerignore` and `image_root.py`, which gathers what is in the image"
    yield "Pipfile", "with `Pipfile.lock`: versions and hashes, for pipenv"
    yield "requirements.txt", "the same for pip"
    yield WHEELS, "Augury itself, made again from the files that were installed"
    yield f"{WHEELS}/pylock.toml", "the same for tools that read PEP 751, from this folder alone"
    yield "SHA256SUMS", "of each file"
