import time
from collections.abc import Callable

import pytest
from msgspec import structs

from augury.artifact.canonical import seal
from augury.artifact.read import parse_artifact
from augury.contract.fields import CategoryField, Field, NumberField
from augury.errors import ArtifactError
from augury.ir.nodes import Category, Input, Link, Lookup, Number
from tests.unit.artifact.documents import make_artifact, make_document, reseal

# What is promised is 50 ms and 30 ms a MiB; ten times that still tells linear from quadratic on a busy machine.
GENEROUS = 10


def _with_inputs(*inputs: Input) -> bytes:
    document = make_document()
    (linear,) = document.model.predictor.margins
    weights = (*linear.weights, *(0.5 for _ in inputs))
    predictor = Link((structs.replace(linear, inputs=(*linear.inputs, *inputs), weights=weights),))
    return seal(structs.replace(document, model=structs.replace(document.model, predictor=predictor)))[1]


def _with_fields(*fields: Field) -> bytes:
    document = make_document()
    contract = structs.replace(document.model.contract, fields=(*document.model.contract.fields, *fields))
    return seal(structs.replace(document, model=structs.replace(document.model, contract=contract)))[1]


def _make_lookups() -> bytes:
    return _with_inputs(*(Lookup(Category("gender"), (0.0, 1.0)) for _ in range(4000)))


def _make_numbers() -> bytes:
    return _with_inputs(*(Number("tenure") for _ in range(8000)))


def _make_spellings() -> bytes:
    spellings = {f"Level {at}": f"level_{at}" for at in range(12_000)}
    return _with_fields(CategoryField(name="many", levels=tuple(spellings.values()), level_spellings=spellings))


def _make_fields() -> bytes:
    return _with_fields(*(NumberField(name=f"field_{at}") for at in range(4000)))


def _make_golden_keys() -> bytes:
    document = make_document()
    row = document.model.golden[0]
    row = structs.replace(row, record={**row.record, **{f"tenur{at}": 1.0 for at in range(25_000)}})
    return seal(structs.replace(document, model=structs.replace(document.model, golden=(row,))))[1]


def _make_lines(line: bytes) -> Callable[[], bytes]:
    content = make_artifact()
    return lambda: reseal(content[: content.index(b'"model"')] + b'"model": ' + line * (2**20 // len(line)))


@pytest.mark.parametrize(
    "make",
    [
        _make_lookups,
        _make_numbers,
        _make_spellings,
        _make_fields,
        _make_golden_keys,
        *(
            _make_lines(line)
            for line in (b'"', b'"\n', b'\\"', b"[", b"[\n", b"[],\n", b"[[[[[[0]]]]]],\n", b"9", b"0,\n", b"\n")
        ),
    ],
)
def test_reading_takes_time_in_proportion_to_the_size(make: Callable[[], bytes]) -> None:
    """A file of a MiB that is made to be slow is read or refused within ten times what is promised."""
    content = make()
    limit = GENEROUS * (0.05 + 0.03 * len(content) / 2**20)
    start = time.process_time()
    try:
        parse_artifact(content, "here")
    except ArtifactError as error:
        assert str(error).isprintable()  # noqa: PT017 - most are refused, the densest models are not
    assert time.process_time() - start < limit
