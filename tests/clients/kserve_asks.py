"""Ask a server with KServe's client, in the environment that has it: `python kserve_asks.py URL RECORDS`.

What is written is one JSON object: what the client says of the server and of the model, the values of each output by
the form in which the tensors were sent, and how a refusal was told.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
import numpy as np
from kserve.inference_client import InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import InferInput, InferRequest, RequestedOutput

DTYPES = {"FP64": np.float64, "INT64": np.int64, "BOOL": np.bool_, "BYTES": np.object_}
OUTPUTS = ("churn_probability", "churn", "churn_notes")


def make_inputs(metadata: dict[str, Any], records: list[dict[str, Any]], *, binary_data: bool) -> list[InferInput]:
    """KServe's inputs of records, as the server's own metadata describe them."""
    inputs = []
    for described in metadata["inputs"]:
        name, datatype = described["name"], described["datatype"]
        if name in records[0]:
            cells = np.array([[record[name]] for record in records], DTYPES[datatype])
            sent = InferInput(name, list(cells.shape), datatype)
            sent.set_data_from_numpy(cells, binary_data=binary_data)
            inputs.append(sent)
    return inputs


async def ask(url: str, metadata: dict[str, Any], records: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask everything once."""
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    said: dict[str, Any] = {
        "live": await client.is_server_live(url),
        "ready": await client.is_server_ready(url),
        "model": await client.is_model_ready(url, "churn"),
        "other": await client.is_model_ready(url, "other"),
    }
    for form, binary_data in (("json", False), ("binary", True)):
        wanted = [RequestedOutput(name, {"binary_data": binary_data}) for name in OUTPUTS]
        inputs = make_inputs(metadata, records, binary_data=binary_data)
        answer = await client.infer(url, InferRequest("churn", inputs, request_outputs=wanted), model_name="churn")
        said[form] = {output.name: _make_plain(output.as_numpy().flatten().tolist()) for output in answer.outputs}
    try:
        await client.infer(url, InferRequest("churn", inputs[1:]), model_name="churn")
    except httpx.HTTPStatusError as error:
        said["refused"] = str(error)
    await client.close()
    return said


def _make_plain(values: list[Any]) -> list[Any]:
    return [value.decode() if isinstance(value, bytes) else value for value in values]


if __name__ == "__main__":
    served, asked = sys.argv[1], json.loads(sys.argv[2])
    described = httpx.get(f"{served}/v2/models/churn").json()
    json.dump(asyncio.run(ask(served, described, asked)), sys.stdout)
