"""Bodies that are said to be something else than JSON: other types, other charsets, compressed."""

from __future__ import annotations

from collections.abc import Iterator

from tests.service.bad_inputs.case import JSON_TYPE, RECORD, Case, write_request

# Whether lines are taken there as well.
ENDPOINTS: dict[str, bool] = {
    "/predict": True,
    "/predict?explain=true": True,
    "/explain": True,
    "/models/churn/predict": True,
    "/models/churn/explain": True,
    "/invocations": False,
    "/v2/models/churn/infer": False,
    "/v2/repository/index": False,
}

TYPES: tuple[str, ...] = (
    "text/plain",
    "text/csv",
    "text/json",
    "text/html; charset=utf-8",
    "application/xml",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/msgpack",
    "application/cbor",
    "application/x-protobuf",
    "application/json5",
    "application/jsonp",
    "application/json-seq",
    "application/problem+json",
    "application/vnd.api+json",
    "application/*",
    "*/*",
    "json",
    "application",
    "application/",
    "/json",
    "application /json",
    '"application/json"',
    "",
    ";",
    "; charset=utf-8",
    "application/json, application/json",
    "application/json, text/plain",
    "application/json charset=utf-8",
    "application/json; charset",
    "application/json; charset=",
    "application/json; charset=utf8",
    "application/json; charset=latin-1",
    "application/json; charset=iso-8859-1",
    "application/json; charset=us-ascii",
    "application/json; charset=utf-16",
    "application/json; charset=utf-7",
    'application/json; charset="utf-16"',
    "application/json; charset='utf-8'",
    "application/json; charset = utf-8",
    "application/json; charset=utf-8; charset=utf-8",
    "application/json; version=1",
    "application/json; charset=utf-8; version=1",
    "application/x-ndjson; charset=latin-1",
    "application/x-ndjson; version=1",
)
# Where lines are not taken, these are other types too.
LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines; charset=utf-8")

CODINGS: dict[str, tuple[str, ...]] = {
    **{coding: (coding,) for coding in ("gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "aes128gcm")},
    "an unknown one": ("x",),
    "gzip twice": ("gzip, gzip",),
    "identity and gzip": ("identity, gzip",),
    "gzip and identity": ("gzip, identity",),
    "identity, then gzip": ("identity", "gzip"),
    "gzip, then identity": ("gzip", "identity"),
}


def make_cases() -> Iterator[Case]:
    """Each type and each coding at each endpoint that reads a body."""
    for path, takes_lines in ENDPOINTS.items():
        taken = "application/json, application/x-ndjson" if takes_lines else "application/json"
        for said in (*TYPES, *(() if takes_lines else LINES)):
            yield _make_case(f"type {said!r}: {path}", path, (f"Content-Type: {said}",), ("accept", taken))
        for first, second in (("application/json", "application/json"), ("application/json", "text/plain")):
            lines = (f"Content-Type: {first}", f"Content-Type: {second}")
            yield _make_case(f"types {first} and {second}: {path}", path, lines, ("accept", taken))
        for name, codings in CODINGS.items():
            lines = (JSON_TYPE, *(f"Content-Encoding: {coding}" for coding in codings))
            yield _make_case(f"coding {name}: {path}", path, lines, ("accept-encoding", "identity"))


def _make_case(name: str, path: str, lines: tuple[str, ...], header: tuple[str, str]) -> Case:
    return Case(
        name=name,
        request=write_request(path, RECORD, *lines),
        status=415,
        kind="unsupported-media-type",
        headers=(header,),
        says_error=path.startswith("/v2"),
    )
