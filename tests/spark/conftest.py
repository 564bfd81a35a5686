from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from tests.engines.spark import find_java, run_spark


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session of Spark on two cores."""
    java = find_java()
    if java is None:
        pytest.skip("no Java is installed")
    with run_spark(java, tmp_path_factory.mktemp("spark")) as session:
        yield session
