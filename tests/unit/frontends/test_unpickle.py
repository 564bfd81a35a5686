"""What the pickle reader answers for files of every scikit-learn that we read, and for files that are no pickles."""

from __future__ import annotations

import io
import json
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from augury.errors import PickleError
from augury.frontends.arrays import Array
from augury.frontends.attributes import attributes, dotted_name, sklearn_version
from augury.frontends.standins import Name, StandIn
from augury.frontends.unpickle import read_pickle

PICKLES = Path(__file__).parents[2] / "compat" / "pickles"
FILES = sorted(path for path in PICKLES.glob("*/*") if path.suffix != ".json")
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
COMPRESSIONS = (0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3))


def read_answers(path: Path) -> dict[str, Any]:
    """Read what the version that wrote a pickle said of it."""
    answers: dict[str, Any] = json.loads((path.parent / f"{path.name.split('.')[0]}.json").read_text("utf-8"))
    return answers


def find_model(read: object) -> object:
    """Find the classifier in a pair, a pipeline, or alone."""
    if isinstance(read, tuple):
        return read[1]
    steps = attributes(read).get("steps")
    return steps[-1][1] if isinstance(steps, list) else read


def test_every_version_is_there() -> None:
    """The folder holds pickles of ten versions of scikit-learn, from 0.20 to 1.9."""
    versions = sorted(tuple(map(int, path.name.split(".")[:2])) for path in PICKLES.iterdir())
    assert versions == [(0, 20), (0, 21), (0, 22), (0, 23), (1, 4), (1, 5), (1, 6), (1, 7), (1, 8), (1, 9)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_reads_every_version(path: Path) -> None:
    """Weights, intercept, classes and version are to the last bit what the version that wrote the file had."""
    answers = read_answers(path)
    read = read_pickle(path)
    model = find_model(read)
    found = attributes(model)
    coefficients, intercept, classes = found["coef_"], found["intercept_"], found["classes_"]
    assert isinstance(coefficients, Array)
    assert isinstance(intercept, Array)
    assert isinstance(classes, Array)
    assert coefficients.nested() == tuple(map(tuple, answers["coef"]))
    assert list(intercept.values) == answers["intercept"]
    assert list(classes.values) == answers["classes"]
    assert sklearn_version(model) == answers["scikit_learn"]
    if isinstance(read, tuple):
        assert attributes(read[0])["vocabulary_"] == answers["vocabulary"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_names_are_spelt_as_today(path: Path) -> None:
    """Whatever the version called its modules, the names are those of the newest."""
    expected = {
        "pair": "sklearn.linear_model._logistic.LogisticRegression",
        "pair_cv": "sklearn.linear_model._logistic.LogisticRegressionCV",
        "sgd": "sklearn.linear_model._stochastic_gradient.SGDClassifier",
    }
    kind = path.name.split(".")[0]
    assert dotted_name(find_model(read_pickle(path))) == expected.get(kind, expected["pair"])


ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.arange(6.0).reshape(2, 3).T,
    np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1),
    *(np.array([0, 1, 2], dtype=code) for code in ("f2", "f4", ">f4", ">f8", "u1", "u2", "u4", ">u8")),
    *(np.array([0, -1, 2], dtype=code) for code in ("i1", "i2", ">i4", "i8")),
    np.array([0.1, 1e-40, 3.4e38], dtype="f4"),
    np.array([True, False]),
    np.array(["a", "bcd", "é𐐷", ""]),
    np.array(["x", "yy"], dtype=">U3"),
    np.array([b"a", b"", b"bc"]),
    np.array([[1, None], ["x", 2.5]], dtype=object),
    np.array([[1, 2], [3, 4]], dtype=object, order="F"),
    np.zeros((0, 3)),
    np.zeros((3, 0)),
]  # fmt: skip


def assert_same(read: object, array: np.ndarray[Any, Any]) -> None:
    """The read array has the shape and, in row order, the values of the real one."""
    assert isinstance(read, Array)
    assert read.shape == array.shape
    assert repr(read.values) == repr(tuple(array.ravel(order="C").tolist()))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype.str}-{array.shape}")
def test_arrays_are_rebuilt(array: np.ndarray[Any, Any], protocol: int) -> None:
    """Every element type, byte order and memory order gives the values that NumPy has, in every protocol."""
    assert_same(read_pickle(pickle.dumps(array, protocol)), array)


@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
def test_joblib_arrays_are_rebuilt(compress: Any, tmp_path: Path) -> None:
    """Blocks of joblib, padded or not, compressed or not, with objects among them, are read in their places."""
    joblib.dump({"arrays": ARRAYS, "last": "text"}, tmp_path / "a.joblib", compress=compress)
    read = read_pickle(tmp_path / "a.joblib")
    assert isinstance(read, dict)
    assert read["last"] == "text"
    for found, array in zip(read["arrays"], ARRAYS, strict=True):
        assert_same(found, array)


def test_an_array_nests_like_numpy() -> None:
    """Nested tuples have the structure of ``tolist``, also where a dimension has no elements."""
    for array in ARRAYS:
        read = read_pickle(pickle.dumps(array))
        assert isinstance(read, Array)
        assert json.dumps(read.nested(), default=repr) == json.dumps(array.tolist(), default=repr)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float64(0.1), 0.1),
        (np.float32(0.1), 0.10000000149011612),
        (np.int64(-3), -3),
        (np.bool_(True), True),
        (np.str_("é"), "é"),
        (np.array(3), 3),
        (2**70, 2**70),
        (-(2**31), -(2**31)),
        (b"\x00\xff", b"\x00\xff"),
        (bytearray(b"ab"), b"ab"),
        ({1, 2}, frozenset({1, 2})),
        (frozenset("a"), frozenset("a")),
        (slice(1, None), slice(1, None)),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        ({np.int64(1): "x", (1, "y"): None}, {1: "x", (1, "y"): None}),
        ([True, False, None, float("inf")], [True, False, None, float("inf")]),
        (np.float64, Name("numpy", "float64")),
        (pd.RangeIndex(1, 7, 2), Array((3,), (1, 3, 5), "i8")),
        (pd.Index([4, 5]), Array((2,), (4, 5), "i8")),
        # The text that pandas has by default where pyarrow is not installed; the other kind is refused by name.
        (pd.Index(["a", "b"], dtype=object), Array((2,), ("a", "b"), "O")),
    ],
    ids=repr,
)
def test_values_become_plain(value: object, plain: object, protocol: int) -> None:
    """Scalars, sets, dicts, slices and labels of NumPy and pandas become Python's own."""
    read = read_pickle(pickle.dumps(value, protocol))
    assert read == plain
    assert type(read) is type(plain)


def test_a_shared_value_stays_shared() -> None:
    """What a pickle refers to twice is read once."""
    array = np.arange(3.0)
    read = read_pickle(pickle.dumps([array, array]))
    assert isinstance(read, list)
    assert read[0] is read[1]


def test_a_random_state_stays_inert() -> None:
    """A generator that was given as ``random_state`` is kept as a stand-in, and nothing is drawn."""
    for generator in (np.random.RandomState(1), np.random.default_rng(1)):
        assert isinstance(read_pickle(pickle.dumps(generator)), StandIn)


def _zip_of(member: str) -> bytes:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, "{}")
    return file.getvalue()


def _two_pickles() -> bytes:
    return pickle.dumps([1]) + pickle.dumps([2])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (_zip_of("schema.json"), "looks like one of skops; load it with skops.io.load"),
        (_zip_of("data.pkl"), "looks like a zip archive"),
        (b'{"format": 1}', "looks like JSON"),
        (b"\n [1, 2]", "looks like JSON"),
        (b"<!doctype html><p>404</p>", "looks like an HTML or XML page"),
        (b"customerid,churn\n1,yes\n", "looks like text"),
        ("\ufeffälter;ja\n".encode(), "looks like text"),
        (b"\x08\x08\x12\x08skl2onnx\x1a\x061.17.0", "looks like ONNX"),
        (b"PAR1\x15\x04", "looks like a Parquet table"),
        (b"\x93NUMPY\x01\x00", "looks like an array that numpy.save wrote"),
        (b"\x89HDF\r\n\x1a\n", "looks like an HDF5 file"),
        (b"\x04\x22\x4d\x18abc", "looks like a file compressed with lz4"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\x00\x01\x02\x03", "no pickle, or a damaged one"),
        (b"\x80\x09K\x01.", "no pickle, or a damaged one"),
        (b"\x80\x04K\x01", "ends before it is complete"),
        (b"\x80\x04}}.", "damaged"),
        (_two_pickles(), "a second pickle after the first; save both as one"),
        (pickle.dumps(1) + b"\n", "goes on after the pickle"),
        (b"x\x9cgarbage", "cannot be decompressed"),
        (b"\x1f\x8b\x08\x00", "ends before it is complete"),
        (b"\x80\x02U\x01a.", "written by Python 2"),
        (b"S'a'\n.", "written by Python 2"),
    ],
)
def test_what_is_no_pickle_is_told(content: bytes, sentence: str) -> None:
    """A file that is something else is refused in one sentence that says what it looks like and how to mend it."""
    with pytest.raises(PickleError) as refusal:
        read_pickle(content, where="model.bin")
    assert sentence in str(refusal.value)
    assert str(refusal.value).startswith("model.bin: ")
    assert "\n" not in str(refusal.value)


def test_a_path_that_is_no_file_is_told(tmp_path: Path) -> None:
    """A missing file and a folder are refused with their path."""
    with pytest.raises(PickleError, match=r"absent\.pkl: the file cannot be read: No such file"):
        read_pickle(tmp_path / "absent.pkl")
    with pytest.raises(PickleError, match=r"not a regular file|Is a directory"):
        read_pickle(str(tmp_path))
