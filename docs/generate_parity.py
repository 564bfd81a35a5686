"""Write the table of doors from what ``make parity`` measured at them: ``python docs/generate_parity.py``.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from augury.sql.dialects import DIALECTS, find_dialect

PAGE = Path(__file__).parent / "explanation" / "same-number.md"
MEASURED = PAGE.with_name("parity.json")
# The table stands between these on a page that people write.
BEGIN = "<!-- Written by docs/generate_parity.py from parity.json, which `make parity` measures. -->\n"
END = "<!-- The end of what is written. -->\n"

HEAD = """
| door | rows of the churn table | decisions that differ | margins | probabilities | rows of the cases |
|---|---|---|---|---|---|
"""


def generate() -> str:
    """Write the whole page again, with its table anew."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    gathered = json.loads(MEASURED.read_text("utf-8"))
    rows = [*map(_write_row, gathered["doors"]), *(_write_unrun(name) for name in DIALECTS)]
    return (
        f"{before}{BEGIN}{HEAD}{''.join(rows)}\n(Measured on {gathered['measured']}.)\n\n{END}{rest.partition(END)[2]}"
    )


def _write_row(found: dict[str, Any]) -> str:
    cells = [
        f"{found['rows']:,}",
        str(found["flips"]),
        _write_margin(found["margin"], found["bounds"]),
        _write_power(found["probability"]),
        f"{found['cases']:,}" if found["cases"] else "–",
    ]
    return f"| {found['door']} | {' | '.join(cells)} |\n"


def _write_unrun(name: str) -> str:
    """Write the row of a dialect that nothing here runs; of one that is run there is a row already."""
    dialect = find_dialect(name)
    return "" if dialect.is_run else f"| SQL of {dialect.title} | generated, not run | | | | |\n"


def _write_margin(margin: float | None, bounds: float | None) -> str:
    """Write a difference in tenths of the bound, upwards: further digits are those of one machine."""
    if margin is None or bounds is None:
        return "–"
    return f"{_write_power(margin)}, ≤ {math.ceil(bounds * 10) / 10:.1f} of the bound" if margin else "0"


def _write_power(difference: float) -> str:
    return f"< 10^{math.floor(math.log10(difference)) + 1}" if difference else "0"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(not (PAGE.is_file() and PAGE.read_text("utf-8") == generate()))
    PAGE.write_text(generate(), "utf-8")
