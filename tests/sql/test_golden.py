import pytest

from augury.sql.dialects import DIALECTS
from tests.sql.golden_scripts import FOLDER, write_golden


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_script_is_the_golden_one(dialect: str) -> None:
    """A change of the SQL is seen in a file that people read; `python -m tests.sql.golden_scripts` writes them."""
    assert write_golden(dialect) == (FOLDER / f"{dialect}.sql").read_text(encoding="utf-8")


def test_no_golden_script_is_left_over() -> None:
    """Each file is of a dialect."""
    assert {path.stem for path in FOLDER.iterdir()} == set(DIALECTS)
