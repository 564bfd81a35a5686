"""What is sent beside a question: who asks, and for which request of his own.

No error tells a value, for it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from augury.errors import UsageError

# RFC 9110, sections 5.1 and 5.5; of text that is not ASCII every server thinks otherwise.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
# What the service takes as a key (`service/gate/keys.py`): the commonest mistake, the newline of a file, is found here.
_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{32,256}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?")
_KEY_HEADER = "X-API-Key"


def check_headers(headers: Mapping[str, str], api_key: str | None) -> dict[str, str]:
    """Check what is sent with every question, and add the key.

    Raises:
        UsageError: a header or the key is none.
    """
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise UsageError(f"a header cannot be named {name!r}", where="headers", mend="choose another name")
        if not _VALUE.fullmatch(value):
            mend = "use ASCII, with no line end or space at its ends"
            raise UsageError(f"the header {name} cannot hold this value", where="headers", mend=mend)
    if api_key is None:
        return dict(headers)
    if not _KEY.fullmatch(api_key):
        mend = "use it as `augury key` showed it, without spaces or a line end"
        raise UsageError("this cannot be a key", where="api_key", mend=mend)
    if any(name.lower() == _KEY_HEADER.lower() for name in headers):
        raise UsageError(f"there is a key in {_KEY_HEADER} too", where="api_key", mend="give one of the two")
    return {**headers, _KEY_HEADER: api_key}


def make_passed(request_id: str | None, traceparent: str | None) -> dict[str, str]:
    """Make the headers of a request that is passed on.

    What is malformed came from whoever asked the caller. It is left out, as the service would leave it out: a bad trace
    must fail nobody's request (https://www.w3.org/TR/trace-context-2/).
    """
    passed = {}
    if request_id is not None and _REQUEST_ID.fullmatch(request_id):
        passed["X-Request-Id"] = request_id
    if traceparent is not None and _TRACEPARENT.fullmatch(traceparent):
        passed["traceparent"] = traceparent
    return passed
