"""Frames of Spark in, frames of Spark out: the real table in several partitions, with bad rows at known places."""

import json
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as Spark's own documents import it

from augury.api import load_bundled
from augury.errors import ContractError, TableError, UsageError
from augury.model import Model
from tests.doors import Answer, hold_door
from tests.sql.telco_tables import find_law

BROKEN = {
    "7590-VHVEG": ("Contract", "Weekly", "level"),
    "5575-GNVDE": ("tenure", "twelve", "type"),
    "3668-QPYBK": ("MonthlyCharges", "1e400", "not_finite"),
    "7795-CFOCW": ("tenure", "1.5", "not_integer"),
    "9237-HQITU": ("gender", None, "null"),
    "9305-CDSKC": ("tenure", "1000", "range"),
}


@pytest.fixture(scope="module")
def model() -> Model:
    """The churn model that comes with Augury."""
    return load_bundled()


@pytest.fixture(scope="module")
def customers(spark: SparkSession, telco_csv: Path) -> DataFrame:
    """The real table as texts, in four partitions."""
    return spark.read.csv(str(telco_csv), header=True).repartition(4).cache()


def _type(customers: DataFrame) -> DataFrame:
    """Give the columns the types that a warehouse has them in."""
    return (
        customers.withColumn("SeniorCitizen", F.col("SeniorCitizen").cast("smallint"))
        .withColumn("tenure", F.col("tenure").cast("int"))
        .withColumn("MonthlyCharges", F.col("MonthlyCharges").cast("decimal(10,2)"))
        .withColumn("TotalCharges", F.expr("try_cast(TotalCharges AS double)"))
    )


@pytest.mark.parametrize("typed", [False, True], ids=["texts", "types"])
def test_every_row_has_the_margin_of_its_record(
    model: Model, customers: DataFrame, telco_csv: Path, typed: bool
) -> None:
    """All 7,043 rows are answered as the law says, by the query and by predict, within the bound."""
    frame = _type(customers) if typed else customers
    law = {each.cells[0]: each for each in find_law(telco_csv)}
    frame.createOrReplaceTempView("customers")
    query = model.sql("spark", "customers", as_text=not typed).rstrip().rstrip(";")
    for door, scored in (("frame of spark", model.predict(frame)), ("spark", frame.sparkSession.sql(query))):
        rows = [row.asDict() for row in scored.collect()]
        assert {row["customerID"] for row in rows} == law.keys()
        answers = [Answer(row["churn_probability"], row["churn"], row.get("margin")) for row in rows]
        hold_door(door, model.threshold, [law[row["customerID"]] for row in rows], answers)


def test_bad_rows_are_refused_where_they_are(model: Model, customers: DataFrame) -> None:
    """Each of them has its own code and no number, whatever its partition; the other rows are answered."""
    frame = customers
    for key, (column, value, _) in BROKEN.items():
        frame = frame.withColumn(column, F.when(F.col("customerID") == key, F.lit(value)).otherwise(F.col(column)))
    scored = model.predict(frame, notes=True)
    assert scored.columns == ["customerID", "churn_probability", "churn", "faults", "notes"]
    rows = scored.collect()
    refused = {row["customerID"]: row for row in rows if row["faults"] is not None}
    assert {key: json.loads(row["faults"]) for key, row in refused.items()} == {
        key: [{"code": code, "field": column.lower()}] for key, (column, _, code) in BROKEN.items()
    }
    assert {(row["churn_probability"], row["churn"], row["notes"]) for row in refused.values()} == {(None, None, None)}
    assert sum(row["churn_probability"] is not None for row in rows) == 7043 - len(BROKEN)
    with pytest.raises(ContractError, match=r"6 rows are refused: .*tenure: .* in 1.*, and 3 more kinds of faults"):
        model.predict(frame, refused="raise")


def test_a_frame_is_computed_when_it_is_asked_for(model: Model, customers: DataFrame) -> None:
    """Nothing of the view that stood for the frame is left, and the result is a frame like any other."""
    scored = model.predict(customers, explain=True, refused="raise")
    assert [table.name for table in customers.sparkSession.catalog.listTables() if "augury" in table.name] == []
    assert scored.columns[-1].endswith("_reason")
    assert scored.filter("churn").limit(3).count() == 3


def test_what_cannot_be_is_told(model: Model, spark: SparkSession, customers: DataFrame) -> None:
    """Names that differ in case, and options that are not known, are a sentence each; absent columns are faults."""
    with pytest.raises(TableError, match="differ in case only"):
        model.predict(spark.sql("SELECT 1 AS tenure, 2 AS Tenure"))
    with pytest.raises(UsageError, match="refused='drop' is not known"):
        model.predict(customers, refused="drop")  # type: ignore[arg-type]
    absent = model.predict(spark.sql("SELECT 'a' AS customerID, 3 AS tenure"))
    assert len(json.loads(absent.first()["faults"])) == 18
