from __future__ import annotations

import msgspec
import pytest
from starlette.applications import Starlette

from augury.model import Model
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.service.models import make_model
from tests.unit.artifact.documents import make_record


@pytest.fixture(scope="session")
def model() -> Model:
    """A churn model with every kind of field."""
    return make_model()


@pytest.fixture(scope="session")
def app(model: Model) -> Starlette:
    """The application that answers with that model."""
    return create_app([model], settings=Settings())


@pytest.fixture
def record() -> dict[str, object]:
    """A record without a fault or a note."""
    return dict(make_record())


@pytest.fixture
def body(record: dict[str, object]) -> bytes:
    """That record as JSON."""
    return msgspec.json.encode(record)
