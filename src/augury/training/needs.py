"""What training needs beyond scoring: an optional part of the installation."""

from __future__ import annotations

from importlib.util import find_spec

from augury.errors import UsageError

_LIBRARIES = ("numpy", "scipy", "pandas", "sklearn")


def check_libraries() -> None:
    """Check that the libraries that training is done with are installed.

    Raises:
        UsageError: one is not.
    """
    lacking = [name for name in _LIBRARIES if find_spec(name) is None]
    if lacking:
        what = f"training is done with scikit-learn and pandas, and {', '.join(lacking)} cannot be found"
        raise UsageError(what, mend='install them with `pip install "augury[train]"`')
