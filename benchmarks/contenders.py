"""The servers that are compared, each with one worker and tuned as its own documentation says."""

from __future__ import annotations

import json

from serving import Server
from the_lab import CUSTOMER, RAW_CUSTOMER

_UVICORN = ("--host", "127.0.0.1", "--port", "{port}", "--log-level", "error", "--no-access-log")
_OURS = ("{bin}/augury", "serve", "--port", "{port}")
_SCRIPTS = {"PYTHONPATH": "{here}"}
_TWIN = "a ColumnTransformer in place of the lab's pair, which its loader refuses"
_COLUMNS = {name: value for name, value in CUSTOMER.items() if name != "customerid"}


def _write_tensors() -> bytes:
    """Write the customer as the Open Inference Protocol's columns of one row."""

    def write(name: str, value: object) -> dict[str, object]:
        kind = {str: "BYTES", int: "INT64", float: "FP64"}[type(value)]
        beside = {"parameters": {"content_type": "str"}} if kind == "BYTES" else {}
        return {"name": name, "shape": [1, 1], "datatype": kind, "data": [value], **beside}

    inputs = [write(name, value) for name, value in _COLUMNS.items()]
    outputs = [{"name": "predict_proba"}]
    return json.dumps({"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": outputs}).encode()


def _write_matrix() -> bytes:
    """Write 45 columns: what the regression alone is asked."""
    asked = {"name": "columns", "shape": [1, 45], "datatype": "FP64", "data": [[0.0, 1.0, 0.5] * 15]}
    return json.dumps({"inputs": [asked], "outputs": [{"name": "predict_proba"}]}).encode()


AUGURY = Server(
    name="augury serve",
    command=_OURS,
    packages=("augury", "uvicorn", "uvloop", "httptools", "msgspec"),
    note="as shipped: validation, limits, metrics, a JSON line a request into a file",
)
LAB = Server(
    name="the lab: Flask, gunicorn",
    environment="lab",
    packages=("flask", "gunicorn", "scikit-learn"),
    command=(
        "{bin}/gunicorn",
        "--chdir",
        "{here}/..",
        "--bind",
        "127.0.0.1:{port}",
        "--log-level",
        "error",
        "lab_app:app",
    ),
    variables={"LAB_PICKLE": "{folder}/pair.pickle"},
    note="gunicorn's default worker, which ends a connection with each answer; checks nothing",
)
LAB_THREADS = Server(
    name="the lab, --threads 4",
    environment="lab",
    command=(*LAB.command[:-1], "--threads", "4", "--keep-alive", "75", "lab_app:app"),
    variables=LAB.variables,
    note="gunicorn's threads, which keep connections",
)
FASTAPI = Server(
    name="FastAPI, pydantic, scikit-learn",
    environment="fastapi",
    packages=("fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "scikit-learn"),
    command=("{bin}/uvicorn", *_UVICORN, "--loop", "uvloop", "--http", "httptools", "fastapi_pair:app"),
    variables=_SCRIPTS,
    note="uvicorn on uvloop and httptools; no log",
)
BENTOML = Server(
    name="BentoML",
    environment="bentoml",
    packages=("bentoml",),
    command=(
        "{bin}/bentoml",
        "serve",
        "bento_service:Churn",
        "--working-dir",
        "{here}",
        "--port",
        "{port}",
        "--host",
        "127.0.0.1",
    ),
    variables={**_SCRIPTS, "BENTOML_DO_NOT_TRACK": "1", "BENTOML_HOME": "."},
    note="pydantic; no log, no metrics",
)
LITSERVE = Server(
    name="LitServe",
    environment="litserve",
    packages=("litserve",),
    command=("{python}", "{here}/lit_server.py", "{port}"),
    variables=_SCRIPTS,
    note="pydantic; its own worker beside one that speaks HTTP; no log",
)
VETIVER = Server(
    name="vetiver",
    environment="vetiver",
    packages=("vetiver", "scikit-learn"),
    command=("{bin}/uvicorn", *_UVICORN, "--loop", "uvloop", "--http", "httptools", "vetiver_server:app"),
    variables=_SCRIPTS,
    body=json.dumps([_COLUMNS]).encode(),
    number=0,  # the label is all that it answers
    found_at=("predict", 0),
    note=f"{_TWIN}; no log",
)
MLSERVER = Server(
    name="MLServer",
    environment="mlserver",
    packages=("mlserver", "mlserver-sklearn"),
    command=("{python}", "{here}/mlserver_folder.py", "{folder}", "{port}", "twin.joblib"),
    path="/v2/models/churn/infer",
    body=_write_tensors(),
    found_at=("outputs", 0, "data", 1),
    note=f"{_TWIN}; one process",
)
MLSERVER_MATRIX = Server(
    name="MLServer, columns made by the caller",
    environment="mlserver",
    command=(*MLSERVER.command[:-1], "matrix.joblib"),
    path=MLSERVER.path,
    body=_write_matrix(),
    note="the regression alone: who asks must make its 45 columns, of which nothing is checked",
)
MLFLOW = Server(
    name="MLflow",
    environment="mlflow",
    packages=("mlflow", "scikit-learn"),
    preparation=("{python}", "{here}/mlflow_folder.py", "{folder}"),
    command=(
        *("{bin}/mlflow", "models", "serve", "--model-uri", "{folder}/mlflow", "--env-manager", "local"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
    ),
    variables={"MLFLOW_DISABLE_TELEMETRY": "true"},
    path="/invocations",
    body=json.dumps({"dataframe_records": [_COLUMNS]}).encode(),
    found_at=("predictions", 0, 1),
    note=f"{_TWIN}; checks the types of its columns",
)
BARE = Server(
    name="bare ASGI on uvicorn",
    packages=("uvicorn", "uvloop", "httptools"),
    variables=_SCRIPTS,
    command=(
        "{python}",
        "-m",
        "uvicorn",
        *_UVICORN,
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--lifespan",
        "off",
        "bare_asgi:app",
    ),
    note="parses nothing, answers a constant; no log",
)
BARE_PROTOCOL = Server(
    name="bare protocol on uvloop",
    command=("{python}", "{here}/bare_protocol.py", "{port}"),
    note="reads nothing at all, answers a constant: the floor of a server in Python",
)
NGINX = Server(
    name="nginx, a constant",
    command=("nginx", "-e", "stderr", "-c", "{config}"),
    config="nginx.conf",
    note="no model; no log",
)
NGINX_LOG = Server(
    name="nginx, a constant, with its log",
    command=NGINX.command,
    config="nginx_log.conf",
    note="no model; buffered log",
)
FASTAPI_COMPILED = Server(
    name="FastAPI, pydantic, compiled model",
    environment="fastapi",
    command=(*FASTAPI.command[:-1], "fastapi_compiled:app"),
    variables={"PYTHONPATH": "{here}:{source}"},
    note="the record is checked twice, by pydantic and by the model",
)
MSGSPEC = Server(
    name="Starlette, compiled model, bytes to bytes",
    variables=_SCRIPTS,
    command=(*BARE.command[:-1], "starlette_msgspec:app"),
    note="msgspec in and out, on uvicorn; no log, no metrics",
)
NO_LANE = Server(
    name="augury serve --no-fast-lane", command=(*_OURS, "--no-fast-lane"), note="validation, limits, metrics, log"
)
BARE_LANE = Server(
    name="augury's lane, no metrics, no log",
    command=("{python}", "{here}/bare_lane.py", "{port}"),
    note="validation, limits",
)
TLS = Server(
    name="TLS: nginx before augury",
    command=NGINX.command,
    config="nginx_tls.conf",
    scheme="https",
    behind=AUGURY,
    note="both on the one processor",
)
RAW = Server(name="augury, the raw table's spelling", command=_OURS, body=json.dumps(RAW_CUSTOMER).encode())
REFUSED = Server(
    name="augury, a record with two faults",
    command=_OURS,
    status=422,
    body=json.dumps({**CUSTOMER, "tenure": "41", "contract": "one_yaer"}).encode(),
)
EACH_ITS_CONNECTION = Server(
    name="augury, a connection for each request", command=_OURS, headers={"Connection": "close"}
)
NGINX_EACH = Server(
    name="nginx, a connection for each request",
    command=NGINX.command,
    config="nginx.conf",
    headers={"Connection": "close"},
)

RIVALS = (
    AUGURY,
    LAB,
    LAB_THREADS,
    FASTAPI,
    BENTOML,
    LITSERVE,
    VETIVER,
    MLSERVER,
    MLSERVER_MATRIX,
    BARE,
    NGINX,
    NGINX_LOG,
)
LADDER = (LAB, FASTAPI, FASTAPI_COMPILED, MSGSPEC, BARE, NO_LANE, BARE_LANE, AUGURY, BARE_PROTOCOL, NGINX)
BESIDE = (EACH_ITS_CONNECTION, NGINX_EACH, RAW, REFUSED, TLS)
