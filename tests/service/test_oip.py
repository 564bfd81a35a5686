from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from starlette.applications import Starlette

import augury
from augury.contract.faults import Fault, Note
from augury.model import Model
from augury.prediction import Scorer
from augury.service.app import build_app, create_app
from augury.service.drain import Drain
from augury.service.exchange import Exchange
from augury.service.meter import NoMeter
from augury.service.models import Roster, gather_models
from augury.service.service import Service
from augury.service.settings import Settings
from tests.service.asking import ask
from tests.service.models import make_model
from tests.service.tensors import HEADER, INFER, infer, infer_binary, make_binary, make_request, pack, read_outputs
from tests.unit.artifact.documents import make_record

RECORD = make_record()
Request = dict[str, Any]
# What is done to the request of one good record, and the record that it then asks.
Good = tuple[str, Callable[[Request], None], dict[str, object]]


def tensor(request: Request, name: str) -> dict[str, Any]:
    """The input of that name."""
    [found] = [each for each in request["inputs"] if each["name"] == name]
    return found


def setting(which: str, /, **members: object) -> Callable[[Request], None]:
    """Set members of an input."""
    return lambda request: tensor(request, which).update(members)


def adding(name: str, datatype: str, value: object) -> Callable[[Request], None]:
    """Add an input."""
    sent = {"name": name, "shape": [1, 1], "datatype": datatype, "data": [value]}
    return lambda request: request["inputs"].append(sent)


def leaving(name: str) -> Callable[[Request], None]:
    """Leave an input out."""
    return lambda request: request["inputs"].remove(tensor(request, name))


def saying(**members: object) -> Callable[[Request], None]:
    """Set members of the request."""
    return lambda request: request.update(members)


GOOD: list[Good] = [
    ("as the metadata say", lambda _: None, {}),
    ("one dimension", setting("tenure", shape=[1]), {}),
    ("nested", setting("tenure", data=[[41]]), {}),
    ("a text nested", setting("partner", data=[["yes"]]), {}),
    ("inputs in another order", lambda request: request["inputs"].reverse(), {}),
    ("a null where the contract has a rule", setting("totalcharges", data=[None]), {"totalcharges": None}),
    ("a null level where the contract has a rule", setting("seniorcitizen", data=[None]), {"seniorcitizen": None}),
    ("an optional input left out", leaving("paperlessbilling"), {"paperlessbilling": ...}),
    ("an identifier", adding("customerid", "BYTES", "7590-VHVEG"), {}),
    ("an identifier that is a number", adding("customerID", "INT64", 7590), {}),
    ("an identifier that is a boolean", adding("customerid", "BOOL", True), {}),
    ("an identifier that is null", adding("customerid", "BYTES", None), {}),
    ("a listed spelling of a name", setting("contract", name="Contract"), {}),
    ("another spelling of a name", setting("monthlycharges", name="Monthlycharges"), {}),
    ("a listed spelling of a level", setting("contract", data=["One year"]), {"contract": "one_year"}),
    ("another spelling of a level", setting("partner", data=["YES"]), {"partner": "yes"}),
    ("an unseen level that is noted", setting("contract", data=["decade"]), {"contract": "decade"}),
    ("a number that is noted", setting("tenure", data=[80]), {"tenure": 80}),
    ("an integer as FP64", setting("tenure", datatype="FP64", data=[41.0]), {}),
    ("an integer as FP32", setting("tenure", datatype="FP32", data=[41.0]), {}),
    ("an integer as INT8", setting("tenure", datatype="INT8", data=[41]), {}),
    ("an integer as INT16", setting("tenure", datatype="INT16", data=[41]), {}),
    ("an integer as INT32", setting("tenure", datatype="INT32", data=[41]), {}),
    ("an integer as UINT8", setting("tenure", datatype="UINT8", data=[41]), {}),
    ("an integer as UINT16", setting("tenure", datatype="UINT16", data=[41]), {}),
    ("an integer as UINT32", setting("tenure", datatype="UINT32", data=[41]), {}),
    ("an integer as UINT64", setting("tenure", datatype="UINT64", data=[41]), {}),
    ("an integer written with a point", setting("tenure", datatype="INT64", data=[41.0]), {}),
    ("a number as INT64", setting("monthlycharges", datatype="INT64", data=[80]), {"monthlycharges": 80}),
    ("a number without a point", setting("monthlycharges", data=[80]), {"monthlycharges": 80}),
    ("an integer level as FP64", setting("seniorcitizen", datatype="FP64", data=[1.0]), {}),
    ("an integer level as UINT8", setting("seniorcitizen", datatype="UINT8", data=[1]), {}),
    ("a single", setting("totalcharges", datatype="FP32", data=[0.1]), {"totalcharges": 0.10000000149011612}),
    ("a negative zero", setting("totalcharges", data=[-0.0]), {"totalcharges": 0}),
    ("MLServer's content type of a column", setting("partner", parameters={"content_type": "str"}), {}),
    ("MLServer's content type of an array", setting("tenure", parameters={"content_type": "np"}), {}),
    ("MLServer's content type of a table", saying(parameters={"content_type": "pd"}), {}),
    ("parameters of other servers", saying(parameters={"priority": 1, "timeout": 1000, "sequence_id": 7}), {}),
    ("parameters that are null", saying(parameters=None, outputs=None, id=None), {}),
    ("an input's parameters that are null", setting("tenure", parameters=None), {}),
    ("no parameters", saying(parameters={}), {}),
    ("no outputs named", saying(outputs=[]), {}),
    ("the name of the model again", saying(model_name="churn"), {}),
    ("an empty version", saying(model_name="churn", model_version=""), {}),
]


@pytest.mark.parametrize(("change", "record"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_a_good_request(
    app: Starlette, model: Model, change: Callable[[Request], None], record: dict[str, object]
) -> None:
    """What the protocol and the contract allow is answered as the record is that it says."""
    request = make_request(RECORD)
    change(request)
    answer = infer(app, request)
    assert answer.status == 200, answer.body
    asked = {key: value for key, value in {**RECORD, **record}.items() if value is not ...}
    expected = model.predict_one(asked)
    outputs = read_outputs(answer)
    assert outputs["churn_probability"] == [expected.probability]
    assert outputs["churn"] == [expected.label]
    notes = [json.loads(text)[0]["code"] if text else None for text in outputs["churn_notes"]]
    assert notes == [expected.notes[0].code if expected.notes else None]


def test_rows_in_order(app: Starlette, model: Model) -> None:
    """Every row gets its own answer, in order, also beyond the number after which other requests have their turn."""
    records = [RECORD | {"tenure": 1.0 + at % 72, "partner": ("no", "yes")[at % 2]} for at in range(250)]
    outputs = read_outputs(infer(app, make_request(*records)))
    expected = [model.predict_one(record) for record in records]
    assert outputs["churn_probability"] == [each.probability for each in expected]
    assert outputs["churn"] == [each.label for each in expected]
    assert outputs["churn_notes"] == [""] * 250


def test_the_whole_answer(app: Starlette, model: Model) -> None:
    """The answer names the model, its version and the request, and counts the rows that something was noted of."""
    answer = infer(app, make_request(RECORD, RECORD | {"tenure": 80.0}, id="a request"))
    said = answer.json()
    assert (said["model_name"], said["model_version"], said["id"]) == ("churn", model.digest[7:19], "a request")
    assert said["parameters"] == {"noted_rows": 1}
    assert [(each["name"], each["datatype"], each["shape"]) for each in said["outputs"]] == [
        ("churn_probability", "FP64", [2, 1]),
        ("churn", "BOOL", [2, 1]),
        ("churn_notes", "BYTES", [2, 1]),
    ]
    assert answer.header("content-type") == "application/json"
    first, second = said["outputs"][2]["data"]
    [note] = json.loads(second)
    assert (first, note["code"], note["field"], note["pointer"]) == ("", "range", "tenure", "/inputs/16/data/1")


@pytest.mark.parametrize(
    ("sent", "told"), [({}, {}), ({"id": None}, {}), ({"id": ""}, {"id": ""}), ({"id": "7\n"}, {"id": "7\n"})]
)
def test_the_id(app: Starlette, sent: dict[str, str | None], told: dict[str, str]) -> None:
    """The id of a request comes back as it is, and none where there was none."""
    said = infer(app, make_request(RECORD, **sent)).json()
    assert {key: value for key, value in said.items() if key == "id"} == told


class Counts(NoMeter):
    """A meter that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def count_score(self, model: Scorer, probability: float) -> None:  # noqa: ARG002
        """Keep a probability."""
        self.told.append(probability)

    def count_faults(self, model: Scorer, faults: Iterable[Fault]) -> None:  # noqa: ARG002
        """Keep the codes of faults."""
        self.told.extend(fault.code for fault in faults)

    def count_notes(self, model: Scorer, notes: Iterable[Note]) -> None:  # noqa: ARG002
        """Keep the codes of notes."""
        self.told.extend(note.code for note in notes)


def test_what_is_counted(model: Model) -> None:
    """Each row that is answered is counted with its notes; of a refused request the faults alone, but all of them."""
    counts, logged = Counts(), list[Exchange]()
    roster = Roster(gather_models([model]))
    log = lambda exchange, _seconds: logged.append(exchange)  # noqa: E731
    app = build_app(Service(roster, Settings(), Drain(), counts, log=log))
    records = [RECORD, RECORD | {"tenure": 80.0}]
    infer(app, make_request(*records))
    first, second = (model.predict_one(record).probability for record in records)
    assert counts.told == [first, second, "range"]
    assert (logged[0].rows, logged[0].notes, logged[0].route) == (2, {"range": 1}, "/v2/models/{name}/infer")
    counts.told.clear()
    infer(app, make_request(*[RECORD | {"partner": "maybe"}] * 30, RECORD))
    assert counts.told == ["level"] * 30
    assert (logged[1].faults, logged[1].notes) == ({"level": 30}, {})


def test_no_rows(app: Starlette) -> None:
    """Tensors without a row get outputs without one."""
    request = make_request(RECORD)
    for each in request["inputs"]:
        each.update(shape=[0, 1], data=[])
    said = infer(app, request).json()
    assert [(each["shape"], each["data"]) for each in said["outputs"]] == [([0, 1], [])] * 3
    binary = read_outputs(infer_binary(app, *make_binary(request | {"parameters": {"binary_data_output": True}})))
    assert binary == {"churn_probability": [], "churn": [], "churn_notes": []}


@pytest.mark.parametrize("wanted", [["churn"], ["churn_notes", "churn"], ["churn_probability"]])
def test_outputs_that_are_asked_for(app: Starlette, wanted: list[str]) -> None:
    """Named outputs come alone, in the order in which they are named; what was noted is counted all the same."""
    request = make_request(RECORD | {"tenure": 80.0}, outputs=[{"name": name} for name in wanted])
    said = infer(app, request).json()
    assert [each["name"] for each in said["outputs"]] == wanted
    assert said["parameters"] == {"noted_rows": 1}


@pytest.mark.parametrize("names", [None, {"tenure"}, {"partner", "phoneservice"}, {"totalcharges", "gender"}])
def test_inputs_in_binary(app: Starlette, names: set[str] | None) -> None:
    """Inputs in binary mean what they mean in JSON, all of them or some."""
    request = make_request(RECORD, RECORD | {"tenure": 7.0, "gender": "female", "phoneservice": False})
    assert infer_binary(app, *make_binary(request, names)).body == infer(app, request).body


@pytest.mark.parametrize(
    "datatype", ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP32", "FP64"]
)
def test_numbers_in_binary(app: Starlette, model: Model, datatype: str) -> None:
    """Each datatype of numbers is read at its own width."""
    request = make_request(RECORD)
    tensor(request, "tenure").update(datatype=datatype, data=[17])
    answer = infer_binary(app, *make_binary(request, {"tenure"}))
    assert read_outputs(answer)["churn_probability"] == [model.predict_one({**RECORD, "tenure": 17}).probability]


@pytest.mark.parametrize("is_binary", [False, True])
def test_a_single_means_the_same_in_both_forms(app: Starlette, model: Model, is_binary: bool) -> None:
    """A tensor of FP32 holds 32-bit floats: 79.85 is the nearest of them, and no longer 79.85."""
    request = make_request(RECORD)
    tensor(request, "monthlycharges").update(datatype="FP32")
    answer = infer_binary(app, *make_binary(request, {"monthlycharges"} if is_binary else set()))
    [single] = struct.unpack("<f", struct.pack("<f", 79.85))
    expected = model.predict_one({**RECORD, "monthlycharges": single}).probability
    assert single != 79.85
    assert read_outputs(answer)["churn_probability"] == [expected]


def test_a_nan_in_binary_is_null(app: Starlette, model: Model) -> None:
    """NaN stands for a missing number, as in every column; JSON has its own null."""
    request = make_request(RECORD)
    tensor(request, "totalcharges").update(data=[math.nan])
    answer = infer_binary(app, *make_binary(request, {"totalcharges"}))
    expected = model.predict_one({**RECORD, "totalcharges": None})
    outputs = read_outputs(answer)
    assert outputs["churn_probability"] == [expected.probability]
    assert "imputed" in outputs["churn_notes"][0]


@pytest.mark.parametrize(
    ("parameters", "outputs", "binary"),
    [
        ({"binary_data_output": True}, None, ["churn_probability", "churn", "churn_notes"]),
        ({"binary_data_output": False}, None, []),
        ({}, [("churn", True)], ["churn"]),
        ({}, [("churn", True), ("churn_notes", False), ("churn_probability", True)], ["churn", "churn_probability"]),
        ({"binary_data_output": True}, [("churn", False)], []),
        ({"binary_data_output": True}, [("churn", False), ("churn_notes", None)], ["churn_notes"]),
    ],
)
def test_outputs_in_binary(
    app: Starlette, parameters: dict[str, bool], outputs: list[tuple[str, bool | None]] | None, binary: list[str]
) -> None:
    """Outputs come in the form that is asked for, all of them or each; the values are the same."""
    request = make_request(RECORD, RECORD | {"tenure": 80.0})
    plain = read_outputs(infer(app, request))
    wanted = [
        {"name": name, "parameters": {} if form is None else {"binary_data": form}} for name, form in outputs or ()
    ]
    answer = infer(app, request | {"parameters": parameters, "outputs": wanted})
    length = answer.header(HEADER)
    head = json.loads(answer.body if length is None else answer.body[: int(length)])
    assert [each["name"] for each in head["outputs"] if "data" not in each] == binary
    assert answer.header("content-type") == ("application/octet-stream" if binary else "application/json")
    read = read_outputs(answer)
    assert read == {name: plain[name] for name in read}


@pytest.mark.parametrize("said", [None, "application/octet-stream", "application/json", "Application/Octet-Stream"])
def test_types_of_a_body_with_binary(app: Starlette, said: str | None) -> None:
    """A body with tensors behind its JSON may be said to be either, or nothing at all."""
    content, binary = make_binary(make_request(RECORD))
    headers = {HEADER: str(len(content))} | ({} if said is None else {"content-type": said})
    assert ask(app, "POST", INFER, content + binary, headers).status == 200


def test_a_text_with_colons(app: Starlette) -> None:
    """A colon within a text is no second key."""
    request = make_request({**RECORD, "customerid": "a:b:c"}, id="x:y")
    assert infer(app, request).json()["id"] == "x:y"


def test_as_many_rows_as_may_be() -> None:
    """The limit for the rows of an array is that of tensors, in both forms and nested."""
    app = create_app([make_model()], settings=Settings(max_rows=30))
    request = make_request(*[RECORD] * 30)
    assert infer(app, request).status == infer_binary(app, *make_binary(request)).status == 200
    for each in request["inputs"]:
        each["data"] = [[cell] for cell in each["data"]]
    assert infer(app, request).status == 200
    more = make_request(*[RECORD] * 31)
    for answer in (infer(app, more), infer_binary(app, *make_binary(more))):
        assert (answer.status, answer.json()["type"]) == (413, "urn:augury:problem:too-large")


def test_the_server(app: Starlette) -> None:
    """The service says what it is and which extensions it has."""
    assert ask(app, "GET", "/v2").json() == {
        "name": "augury",
        "version": augury.__version__,
        "extensions": ["binary_tensor_data", "model_repository"],
    }
    assert ask(app, "GET", "/v2/health/live").json() == {"live": True}
    assert ask(app, "GET", "/v2/health/ready").json() == {"ready": True}


def test_metadata(app: Starlette, model: Model) -> None:
    """A model's metadata name an input for each field, with the datatype of its kind, and the outputs."""
    version = model.digest[7:19]
    said = ask(app, "GET", "/v2/models/churn").json()
    assert ask(app, "GET", f"/v2/models/churn/versions/{version}").json() == said
    assert (said["name"], said["versions"], said["platform"]) == ("churn", [version], "augury")
    assert [each["name"] for each in said["inputs"]] == [field.name for field in model.contract.fields]
    datatypes = {each["name"]: each["datatype"] for each in said["inputs"]}
    assert [datatypes[name] for name in ("customerid", "contract", "seniorcitizen", "phoneservice")] == [
        "BYTES",
        "BYTES",
        "INT64",
        "BOOL",
    ]
    assert [datatypes[name] for name in ("tenure", "monthlycharges")] == ["INT64", "FP64"]
    optional = [each["name"] for each in said["inputs"] if each.get("parameters") == {"optional": True}]
    assert optional == ["customerid", "paperlessbilling"]
    assert {tuple(each["shape"]) for each in said["inputs"] + said["outputs"]} == {(-1, 1)}


def test_an_answer_to_the_metadata(app: Starlette) -> None:
    """A request that is made of nothing but the metadata and a golden record is answered."""
    inputs = [
        {"name": each["name"], "shape": [1, 1], "datatype": each["datatype"], "data": [RECORD[each["name"]]]}
        for each in ask(app, "GET", "/v2/models/churn").json()["inputs"]
        if each["name"] in RECORD
    ]
    assert infer(app, {"inputs": inputs}).status == 200


def test_a_version(app: Starlette, model: Model) -> None:
    """A model answers under its version, and under no other."""
    path = f"/v2/models/churn/versions/{model.digest[7:19]}"
    assert infer(app, make_request(RECORD), f"{path}/infer").status == 200
    assert ask(app, "GET", f"{path}/ready").json() == {"name": "churn", "ready": True}
    for other in ("1", "0" * 12, model.digest[7:18], model.digest[7:].upper()):
        for method, rest in (("GET", ""), ("GET", "/ready"), ("POST", "/infer")):
            answer = ask(app, method, f"/v2/models/churn/versions/{other}{rest}")
            assert (answer.status, answer.json()["type"]) == (404, "urn:augury:problem:not-found")


def test_several_models() -> None:
    """Each model has its own metadata and answers under its own name."""
    app = create_app([make_model(), make_model("second")], settings=Settings())
    answer = infer(app, make_request(RECORD), "/v2/models/second/infer")
    assert (answer.json()["model_name"], answer.header("augury-model")) == (
        "second",
        f"second@{make_model('second').digest[7:19]}",
    )


@pytest.mark.parametrize("body", [b"", b"{}", b'{"ready": true}', b'{"ready": false}'])
def test_the_index(app: Starlette, model: Model, body: bytes) -> None:
    """The index lists the models; all of them are ready."""
    listed = ask(app, "POST", "/v2/repository/index", body).json()
    assert listed == [{"name": "churn", "version": model.digest[7:19], "state": "READY", "reason": ""}]


def test_a_service_that_stops(model: Model) -> None:
    """While the service stops it is live and not ready, and what it is asked is still answered."""
    drain = Drain()
    app = build_app(Service(Roster(gather_models([model])), Settings(), drain))
    drain.begin()
    assert ask(app, "GET", "/v2/health/live").status == 200
    for path in ("/v2/health/ready", "/v2/models/churn/ready"):
        answer = ask(app, "GET", path)
        assert (answer.status, answer.header("retry-after")) == (503, "1")
        assert answer.json()["error"]
    assert infer(app, make_request(RECORD)).status == 200
    [entry] = ask(app, "POST", "/v2/repository/index").json()
    assert (entry["state"], entry["reason"]) == ("UNAVAILABLE", "the service is stopping")
    assert ask(app, "POST", "/v2/repository/index", b'{"ready": true}').json() == []


def test_bytes_are_packed_as_the_extension_says() -> None:
    """What these tests send in binary is what the extension's own words say."""
    assert pack("BYTES", ["ab"]) == b"\x02\x00\x00\x00ab"
    assert pack("BOOL", [True, False]) == b"\x01\x00"
    assert pack("UINT32", [1]) == b"\x01\x00\x00\x00"
