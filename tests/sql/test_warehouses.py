import pytest
import sqlglot

from augury.errors import UsageError
from augury.script import Script, write_script
from augury.sql.dialects import DIALECTS, find_dialect
from augury.sql.layout import Kind, Layout, SourceColumn
from augury.statement import Wanted
from tests.contract.models import make_model

GENERATED = [name for name in DIALECTS if not find_dialect(name).is_run]
CONTRACTS = ("customer", "nodes")
KINDS: tuple[Kind, ...] = ("text", "float", "decimal", "integer", "boolean", "other", "nested")


def _write(dialect: str, contract: str, kind: Kind | None) -> str:
    """Write the script for columns that are all of one kind; of the kinds that the fields take for None."""
    document = make_model(contract).document
    fields = document.model.contract.fields
    layout = None if kind is None else Layout(tuple(SourceColumn(field.name, kind) for field in fields))
    wanted = Wanted(notes=True, reasons=True)
    return write_script(document, Script(dialect, "crm.customers", layout=layout, wanted=wanted))


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("dialect", GENERATED)
def test_a_script_is_sql_of_its_dialect(dialect: str, contract: str) -> None:
    """What is printed is read again by the same dialect, whatever the kinds of the columns are, and says what it is."""
    for kind in (None, *KINDS):
        if dialect == "sqlserver" and kind == "text":
            continue
        script = _write(dialect, contract, kind)
        assert "No test of Augury runs" in script
        (statement,) = sqlglot.parse(script, dialect=find_dialect(dialect).printer)
        assert statement is not None
        assert [each.alias_or_name for each in statement.selects][-1].endswith("_reason")


def test_sql_server_refuses_numbers_in_text() -> None:
    """What an engine cannot do is refused with the reason, not printed."""
    with pytest.raises(UsageError, match="SQL Server reads no number from a text as the contract says"):
        _write("sqlserver", "nullable", "text")


def test_sql_server_has_no_conditions_among_its_columns() -> None:
    """Its conditions are no values, and it has no word for what is always true."""
    script = _write("sqlserver", "customer", "other")
    assert "TRUE" not in script
    assert "END AS BIT) AS [churn]" in script


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if find_dialect(name).limits.columns is not None])
def test_a_table_too_wide_is_refused(dialect: str) -> None:
    """More columns than the engine takes are refused before it is asked."""
    most = find_dialect(dialect).limits.columns
    assert most is not None
    document = make_model("customer").document
    known = [SourceColumn(field.name, "text") for field in document.model.contract.fields]
    layout = Layout((*known, *(SourceColumn(f"other {number}", "text") for number in range(most))))
    with pytest.raises(UsageError, match=f"takes {most:,} columns in a SELECT at most, and this needs"):
        write_script(document, Script(dialect, "customers", layout=layout))
