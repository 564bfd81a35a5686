"""The page on the speed of whole tables says what was measured, and what is measured is what it says."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import REPOSITORY

_PAGE = REPOSITORY / "docs" / "explanation" / "speed-of-batch.md"
_OURS = "augury predict"

Rows = list[list[str]]


@pytest.fixture(scope="module")
def rivals() -> Rows:
    """The rows of the page's first table, its head first."""
    return _read_table("rivals")


def test_each_section_is_written_by_the_benchmark_and_the_picture_is_there() -> None:
    """The page has the two sections that are written and no other, and the picture exists."""
    page = _PAGE.read_text("utf-8")
    assert re.findall(r"<!-- (\w+): written by benchmarks -->", page) == ["rivals", "scaling"]
    code = (REPOSITORY / "benchmarks" / "bench_batch.py").read_text("utf-8")
    assert re.findall(r'put_section\(docs_page\.BATCH, "(\w+)"', code) == ["rivals", "scaling"]
    assert all((_PAGE.parent / name).exists() for name in re.findall(r"!\[[^]]+]\(([^)]+)\)", page))


def test_the_picture_shows_what_the_table_says(rivals: Rows) -> None:
    """Every name and every rate of the table stands in the picture."""
    picture = _PAGE.with_name("speed-of-batch.svg").read_text("utf-8")
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", picture)
    for name, _, rate, *_ in rivals[1:]:
        assert name.replace("&", "&amp;") in texts
        assert rate.partition(" (")[0] in texts


def test_the_page_compares_all_and_tells_every_promise(rivals: Rows) -> None:
    """Eight ways stand in the table, and of each promise is told what the table says: whether it was reached."""
    rows = {row[0]: dict(zip(rivals[0], row, strict=True)) for row in rivals[1:]}
    assert len(rows) == 8
    assert rows[_OURS]["rows"] == "10,000,000"
    told = re.findall(r"^\* ((?:NOT )?reached): (at (?:least|most) .*)$", _PAGE.read_text("utf-8"), re.MULTILINE)
    found = {name.rpartition(": ")[0]: verdict for verdict, name in told}
    rate = float(rows[_OURS]["rows a second"].partition(" ")[0].replace(",", ""))
    least = {"at least 4,000,000 rows a second": rate >= 4e6}
    for times, name in (
        (25, "scikit-learn, a ColumnTransformer"),
        (100, "the lab: predict(df)"),
        (0.25, "DuckDB, a copy"),
    ):
        least[f"at least {times} × {name}"] = float(rows[name]["we are × as fast"].partition(" ")[0]) >= times
    *rates, (memory, of_memory) = found.items()
    assert dict(rates) == {name: "reached" if is_kept else "NOT reached" for name, is_kept in least.items()}
    assert (memory.partition(",")[0], of_memory) == ("at most 1", "reached")
    assert all(float(row["MB"].replace(",", "")) <= 1000 for name, row in rows.items() if name.startswith(_OURS))


def test_all_decide_alike(rivals: Rows) -> None:
    """Whoever answers at all decides as we do about every customer of the sample."""
    told = [row[-2] for row in rivals[1:] if row[-2]]
    assert len(told) == 6
    assert all(re.fullmatch(r"0 of [\d,]+", each) for each in told)


def test_the_scaling_goes_from_one_to_a_hundred_million(rivals: Rows) -> None:
    """Three sizes are told, and that of the first table is told alike there."""
    head, *rows = _read_table("scaling")
    assert [row[0] for row in rows] == ["1,000,000", "10,000,000", "100,000,000"]
    (ours,) = (row for row in rivals if row[0] == _OURS)
    assert (head[1], rows[1][1]) == (f"{_OURS}, rows a second", ours[2].partition(" (")[0])


def _read_table(section: str) -> Rows:
    page = _PAGE.read_text("utf-8")
    (text,) = re.findall(f"<!-- {section}: written by benchmarks -->(.*)<!-- {section}: end -->", page, re.DOTALL)
    lines = re.findall(r"^\|.*\|$", text, re.MULTILINE)
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    return [rows[0], *rows[2:]]
