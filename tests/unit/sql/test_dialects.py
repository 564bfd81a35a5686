"""The dialects by name."""

import pytest

from augury.errors import UsageError
from augury.sql.dialects import DIALECTS, find_dialect


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_the_name_that_finds_it(name: str) -> None:
    """The table of dialects and each dialect agree."""
    assert find_dialect(name).name == name


@pytest.mark.parametrize(("name", "known"), [("postgresql", "postgres"), ("tsql", "sqlserver")])
def test_a_dialect_has_other_names(name: str, known: str) -> None:
    """People call engines by more than one name."""
    assert find_dialect(name) is find_dialect(known)


@pytest.mark.parametrize("name", ["oracle", "", "DuckDB", "__init__"])
def test_another_dialect_is_refused(name: str) -> None:
    """There is none by that name, and the sentence lists those that there are."""
    with pytest.raises(UsageError, match=r"there is no dialect .*\n?.*duckdb, mariadb, postgres"):
        find_dialect(name)


def test_what_an_engine_cannot_do_is_told() -> None:
    """Its limits are clauses for the support matrix."""
    assert find_dialect("duckdb").limits.tell() == []
    assert find_dialect("sqlite").limits.tell() == ["more than 2,000 columns in a step of the statement"]
    assert len(find_dialect("sqlserver").limits.tell()) > 2
