"""Augury: a trained tabular classifier becomes one small file of data that scores the same way everywhere.

The names below are found when first asked for, so that ``import augury`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augury.api import compile as compile  # noqa: A004 - the verb of this field
    from augury.api import load as load
    from augury.api import train as train
    from augury.client.asynchronous import AsyncClient as AsyncClient
    from augury.client.blocking import Client as Client
    from augury.contract.faults import Fault as Fault
    from augury.errors import AuguryError as AuguryError
    from augury.errors import RecordError as RecordError
    from augury.model import Model as Model
    from augury.prediction import Prediction as Prediction
    from augury.training.trained import Trained as Trained

__version__ = "0.1.0"

_HOMES = {
    "AsyncClient": "augury.client.asynchronous",
    "AuguryError": "augury.errors",
    "Client": "augury.client.blocking",
    "Fault": "augury.contract.faults",
    "Model": "augury.model",
    "Prediction": "augury.prediction",
    "RecordError": "augury.errors",
    "Trained": "augury.training.trained",
    "compile": "augury.api",
    "load": "augury.api",
    "train": "augury.api",
}

__all__ = [
    "AsyncClient",
    "AuguryError",
    "Client",
    "Fault",
    "Model",
    "Prediction",
    "RecordError",
    "Trained",
    "compile",
    "load",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'augury' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
