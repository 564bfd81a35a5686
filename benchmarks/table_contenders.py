"""The ways to score a table of Parquet into Parquet that are compared, each of which may use every processor."""

from __future__ import annotations

from augury.api import find_bundled
from program import Program


class Contender(Program, frozen=True, kw_only=True):
    """A way to score a table; the blank ``{table}`` is what it reads and ``{output}`` what it writes.

    Args:
        output: what is written, by name; it ends in / where it is a folder of parts.
        most: rows that it is given at most. What it takes for more follows from its rate without its start.
        has_refused: whether its table has rows that are refused.
        has_answers: whether what it writes are probabilities and labels.
        tells_seconds: whether nothing counts but the seconds that it tells of itself.
    """

    output: str = "answers.parquet"
    most: int | None = None
    has_refused: bool = False
    has_answers: bool = True
    tells_seconds: bool = False


_AUGURY = ("{bin}/augury", "predict", str(find_bundled()), "{table}", "-o", "{output}", "--json")
_SLOW_ROWS = 1_000_000

AUGURY = Contender(
    name="augury predict",
    command=_AUGURY,
    packages=("augury", "duckdb", "sqlglot"),
    output="answers/",
    note="as shipped: a folder of parts; every row is checked, and what stops is gone on with",
)
AUGURY_FILE = Contender(name="augury predict, one file", command=_AUGURY, note="the parts are made into one file")
AUGURY_REFUSED = Contender(
    name="augury predict, 1 % refused",
    command=_AUGURY,
    output="answers/",
    has_refused=True,
    note="one row in a hundred has a fault, and goes with its reason into the reject file",
)
COPY = Contender(
    name="DuckDB, a copy",
    command=("{python}", "{here}/table_copy.py", "{folder}", "{table}", "{output}"),
    packages=("duckdb",),
    has_answers=False,
    note="copies the identifier and one number of the same file, and scores nothing",
)
ORBITAL = Contender(
    name="orbital's SQL in DuckDB",
    command=("{python}", "{here}/table_orbital.py", "{folder}", "{table}", "{output}"),
    environment="batch",
    packages=("orbital", "duckdb", "scikit-learn"),
    note="checks nothing: an unknown level or none counts nothing, and a charge of a million as any other",
)
ONNX = Contender(
    name="ONNX Runtime",
    command=("{python}", "{here}/table_onnx.py", "{folder}", "{table}", "{output}"),
    environment="batch",
    packages=("onnxruntime", "skl2onnx", "pyarrow"),
    most=_SLOW_ROWS,
    note="the pipeline by skl2onnx, in 32-bit floats, in chunks of 100,000 rows; stops at an unknown level or none",
)
SKLEARN = Contender(
    name="scikit-learn, a ColumnTransformer",
    command=("{python}", "{here}/table_sklearn.py", "{folder}", "{table}", "{output}"),
    environment="batch",
    packages=("scikit-learn", "pandas", "pyarrow"),
    most=_SLOW_ROWS,
    note="with the lab's own weights, in chunks of 100,000 rows; stops at an unknown level or none",
)
LAB = Contender(
    name="the lab: predict(df)",
    command=("{python}", "{here}/table_lab.py", "{folder}", "{table}", "{output}"),
    environment="batch",
    packages=("scikit-learn", "pandas"),
    most=_SLOW_ROWS,
    tells_seconds=True,
    note="that function alone is counted, neither reading and spelling before it nor writing; checks nothing",
)

CONTENDERS = (AUGURY, AUGURY_FILE, AUGURY_REFUSED, COPY, ORBITAL, ONNX, SKLEARN, LAB)
SCALED = (AUGURY, AUGURY_FILE, COPY)
