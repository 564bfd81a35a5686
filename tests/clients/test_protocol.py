"""Other people's clients of the Open Inference Protocol, as they are, against a real server."""

from __future__ import annotations

import json
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augury.model import Model
from tests.clients.conftest import find_clients
from tests.service.models import make_model
from tests.service.running import Running, run_server
from tests.unit.artifact.documents import make_record

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, of their own dependencies
    import tritonclient.http as triton
    from tritonclient.utils import InferenceServerException

RECORD = make_record()
RECORDS = [RECORD, {**RECORD, "tenure": 7.0, "gender": "female", "phoneservice": False}, {**RECORD, "tenure": 80.0}]
DTYPES = {"FP64": np.float64, "INT64": np.int64, "BOOL": np.bool_, "BYTES": np.object_}


@pytest.fixture(scope="module")
def model() -> Model:
    """A churn model with every kind of field, which the bundled one has not."""
    return make_model()


@pytest.fixture(scope="module")
def running(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of that model."""
    folder = tmp_path_factory.mktemp("served")
    model.save(folder / "churn.augury.json")
    with run_server(folder, [folder / "churn.augury.json"]) as running:
        yield running


@pytest.fixture
def client(running: Running) -> Iterator[triton.InferenceServerClient]:
    """Triton's client of that server."""
    with triton.InferenceServerClient(running.url.removeprefix("http://")) as client:
        yield client


def make_inputs(
    client: triton.InferenceServerClient, records: list[dict[str, Any]], **options: Any
) -> list[triton.InferInput]:
    """Triton's inputs of records, as the server's own metadata describe them."""
    inputs = []
    for described in client.get_model_metadata("churn")["inputs"]:
        name, datatype = described["name"], described["datatype"]
        if name not in records[0]:
            assert described["parameters"] == {"optional": True}
            continue
        cells = np.array([[record[name]] for record in records], DTYPES[datatype])
        sent = triton.InferInput(name, list(cells.shape), datatype)
        inputs.append(sent.set_data_from_numpy(cells, **options))
    return inputs


def check_result(result: triton.InferResult, model: Model, records: list[dict[str, Any]]) -> None:
    """Check that a result holds what the model says of the records."""
    expected = [model.predict_one(record) for record in records]
    assert result.as_numpy("churn_probability").tolist() == [[each.probability] for each in expected]
    assert result.as_numpy("churn").tolist() == [[each.label] for each in expected]
    notes = result.as_numpy("churn_notes")
    noted = [[note["code"] for note in json.loads(text or b"[]")] for [text] in notes]
    assert noted == [[note.code for note in each.notes] for each in expected]


def test_triton_with_its_defaults(client: triton.InferenceServerClient, model: Model) -> None:
    """Triton's client as it is: tensors in binary both ways."""
    result = client.infer("churn", make_inputs(client, RECORDS), request_id="a request")
    assert all("data" not in output for output in result.get_response()["outputs"])
    assert result.get_response()["id"] == "a request"
    check_result(result, model, RECORDS)


def test_triton_with_json(client: triton.InferenceServerClient, model: Model) -> None:
    """Triton's client with tensors in JSON both ways."""
    names = [each["name"] for each in client.get_model_metadata("churn")["outputs"]]
    outputs = [triton.InferRequestedOutput(name, binary_data=False) for name in names]
    result = client.infer("churn", make_inputs(client, RECORDS, binary_data=False), outputs=outputs)
    assert all("data" in output for output in result.get_response()["outputs"])
    check_result(result, model, RECORDS)


def test_triton_with_a_version(client: triton.InferenceServerClient, model: Model) -> None:
    """Triton's client with a version that it read from the metadata, and many rows."""
    [version] = client.get_model_metadata("churn")["versions"]
    assert client.is_model_ready("churn", version)
    assert not client.is_model_ready("churn", "1")
    records = RECORDS * 400
    check_result(client.infer("churn", make_inputs(client, records), model_version=version), model, records)


def test_triton_at_once(client: triton.InferenceServerClient, model: Model) -> None:
    """Triton's client that does not wait for its answer."""
    check_result(client.async_infer("churn", make_inputs(client, RECORDS)).get_result(timeout=30), model, RECORDS)


def test_triton_asks_what_is_served(client: triton.InferenceServerClient, model: Model) -> None:
    """Triton's client finds the server live and ready, and what it serves."""
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("churn")
    assert not client.is_model_ready("other")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    [entry] = client.get_model_repository_index()
    assert (entry["name"], entry["version"], entry["state"]) == ("churn", model.digest[7:19], "READY")


@pytest.mark.parametrize("is_binary", [True, False])
def test_triton_is_refused(client: triton.InferenceServerClient, is_binary: bool) -> None:
    """Triton's client raises its own exception with our sentence."""
    inputs = make_inputs(client, [RECORD, {**RECORD, "partner": "maybe"}], binary_data=is_binary)
    with pytest.raises(InferenceServerException, match="'maybe' is not a level of partner") as raised:
        client.infer("churn", inputs)
    assert raised.value.status() == "422"
    with pytest.raises(InferenceServerException, match="the input tenure is missing"):
        client.infer("churn", [each for each in inputs if each.name() != "tenure"])


def test_triton_may_not_load(client: triton.InferenceServerClient) -> None:
    """Triton's client is told that models are not loaded so."""
    for call in (client.load_model, client.unload_model):
        with pytest.raises(InferenceServerException, match="not loaded or unloaded over HTTP"):
            call("churn")


def test_triton_compresses(client: triton.InferenceServerClient) -> None:
    """Triton's client is told that compressed bodies are not read."""
    with pytest.raises(InferenceServerException, match="compressed bodies are not read"):
        client.infer("churn", make_inputs(client, RECORDS), request_compression_algorithm="gzip")


def test_kserve(running: Running, model: Model) -> None:
    """KServe's client, with tensors in JSON and in binary both ways."""
    script = Path(__file__).with_name("kserve_asks.py")
    command = [str(find_clients()), str(script), running.url, json.dumps(RECORDS)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    assert [said[asked] for asked in ("live", "ready", "model", "other")] == [True, True, True, False]
    expected = [model.predict_one(record) for record in RECORDS]
    for form in ("json", "binary"):
        assert said[form]["churn_probability"] == [each.probability for each in expected]
        assert said[form]["churn"] == [each.label for each in expected]
        noted = [[note["code"] for note in json.loads(text or "[]")] for text in said[form]["churn_notes"]]
        assert noted == [[note.code for note in each.notes] for each in expected]
    assert "the input gender is missing" in said["refused"]
