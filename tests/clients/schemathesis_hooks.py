"""What Schemathesis is told of this service; it loads this module by the name in ``SCHEMATHESIS_HOOKS``."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData


@schemathesis.serializer("application/x-ndjson")  # type: ignore[untyped-decorator]
def write_lines(_context: Any, value: Any) -> bytes:
    """Send what was drawn for a body of lines as the text that it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook  # type: ignore[untyped-decorator]
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keep a failure, unless the service does what it says in words: OpenAPI has no others for it."""
    if isinstance(failure, AcceptedNegativeData):
        return not _is_answered_row_for_row(case, response)
    if isinstance(failure, RejectedPositiveData):
        return not _must_fit_together(case)
    return True


def _is_answered_row_for_row(case: Any, response: Any) -> bool:
    """Whether bad rows are refused in their places: of an array, where the header counts them, and of lines."""
    if response.status_code != 200:
        return False
    if case.media_type == "application/x-ndjson":
        return True
    return isinstance(case.body, list) and int(response.headers.get("augury-refused", ["0"])[0]) > 0


def _must_fit_together(case: Any) -> bool:
    """Whether a body's parts must fit each other: as many values as the shape says, each column of one length.

    What these refuse has tests of its own, case by case.
    """
    body = case.body if isinstance(case.body, dict) else {}
    is_columns = "dataframe_split" in body or isinstance(body.get("inputs"), dict)
    return case.path.endswith("/infer") or (case.path == "/invocations" and is_columns)
