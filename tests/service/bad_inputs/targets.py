"""Requests for what is not there: paths, models, methods and queries."""

from __future__ import annotations

from collections.abc import Iterator

from tests.service.bad_inputs.case import JSON_TYPE, RECORD, Case, write_request

NO_PATHS: tuple[str, ...] = (
    "//",
    "/.",
    "/..",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/../../etc/passwd",
    "/..%5c..%5cboot.ini",
    "//predict",
    "/predict/",
    "/predict//",
    "/predict/churn",
    "/Predict",
    "/PREDICT",
    "/predict.json",
    "/predict%20",
    "/predict%00",
    "/predict%0A",
    "/predict%0D%0A",
    "/predict%3Fexplain=true",
    "/predict%2F",
    "/predict;explain=true",
    "/./predict",
    "/a/../predict",
    "/%FFpredict",
    "/predict%",
    "/predict%zz",
    "/explain/",
    "/explain%0A",
    "/invocations/",
    "/ping/",
    "/ping%0A",
    "/models/",
    "/models//",
    "/models//predict",
    "/models/churn/",
    "/models/churn/predict/",
    "/models/churn/predict%0A",
    "/models/churn/predict/explain",
    "/models/churn/fit",
    "/models/churn/versions/1/predict",
    "/predict/models/churn",
    "/schema.json",
    "/favicon.ico",
    "/robots.txt",
    "/.env",
    "/admin",
    "/health",
    "/wp-login.php",
    "/metrics/",
    "/openapi.yaml",
    "/docs/",
    "/static/page.css",
    "/v1/models/churn:predict",
    "/v2/",
    "/v2/health",
    "/v2/health/live/",
    "/v2/models",
    "/v2/models/",
    "/v2/models//infer",
    "/v2/models/churn/infer/",
    "/v2/models/churn/infer%0A",
    "/v2/models/churn/generate",
    "/v2/models/churn/versions",
    "/v2/models/churn/versions//infer",
    "/v2/repository",
    "/v2/repository/index/",
    "/v2/repository/models/churn",
    "/v2/repository/models/churn/delete",
    "/v2/systemsharedmemory/status",
    "/v2/logging",
    "/V2/models/churn/infer",
)

# What a model may be called in a path; none of these is one that is served.
NAMES: tuple[str, ...] = (
    "nobody",
    "Churn",
    "CHURN",
    "churn%20",
    "churn%00",
    "churn%0A",
    "churn.augury.json",
    "..",
    "%2e%2e",
    "*",
    "churn@1",
    "a" * 65,
    "a" * 4000,
    "ch%C3%BCrn",
    "%FF",
    "churn%27%20OR%201=1",
    "%3Cscript%3E",
    "$%7Bjndi:ldap:%7D",
    "0",
    "-1",
    "null",
)
# Each route of a model, and the method that asks it.
OF_A_MODEL: dict[str, str] = {
    "/models/{name}": "GET",
    "/models/{name}/schema": "GET",
    "/models/{name}/predict": "POST",
    "/models/{name}/explain": "POST",
    "/v2/models/{name}": "GET",
    "/v2/models/{name}/ready": "GET",
    "/v2/models/{name}/infer": "POST",
    "/v2/models/{name}/versions/1/infer": "POST",
}

ROUTES: dict[str, str] = {
    **dict.fromkeys(("/", "/ping", "/schema", "/models", "/models/churn", "/models/churn/schema"), "GET"),
    **dict.fromkeys(("/livez", "/readyz", "/metrics", "/openapi.json", "/docs"), "GET"),
    **dict.fromkeys(("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/churn"), "GET"),
    **dict.fromkeys(("/v2/models/churn/ready", "/v2/models/churn/versions/1/ready"), "GET"),
    **dict.fromkeys(("/predict", "/explain", "/invocations", "/models/churn/predict"), "POST"),
    **dict.fromkeys(("/models/churn/explain", "/v2/models/churn/infer", "/v2/repository/index"), "POST"),
    **dict.fromkeys(("/v2/repository/models/churn/load", "/v2/repository/models/churn/unload"), "POST"),
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "SEARCH", "M-SEARCH")

QUERIES: tuple[str, ...] = (
    "explain",
    "explain=",
    "explain=1",
    "explain=0",
    "explain=yes",
    "explain=on",
    "explain=True",
    "explain=TRUE",
    "explain=False",
    "explain=tru",
    "explain=truetrue",
    "explain=true%20",
    "explain=%20true",
    "explain=true%00",
    "explain=true%0A",
    "explain=%FF",
    "explain=null",
    "explain=[true]",
    "explain=true,false",
    "explain=true;",
    "explain=true&explain=",
    "explain=true&explain=maybe",
    "a=b&explain=x",
    "&&explain=2",
    "explain=" + "a" * 7000,
)


def make_cases() -> Iterator[Case]:
    """Paths that are none, models that are not there, methods that a path does not have, and queries."""
    for path in NO_PATHS:
        for method in ("GET", "POST", "DELETE"):
            yield _make_case(f"{method} {path}", path, method, 404, "not-found")
    for template, method in OF_A_MODEL.items():
        for name in NAMES:
            path = template.replace("{name}", name)
            yield _make_case(f"{method} {template} of {name[:40]} ({len(name)})", path, method, 404, "not-found")
    for path, method in ROUTES.items():
        allow = ("allow", "GET, HEAD" if method == "GET" else "POST")
        for other in METHODS:
            if other not in allow[1]:
                yield _make_case(f"{other} {path}", path, other, 405, "method-not-allowed", allow)
    for path in ("/predict", "/models/churn/predict"):
        for query in QUERIES:
            yield _make_case(f"{path}?{query[:40]}", f"{path}?{query}", "POST", 400, "bad-query")


def _make_case(name: str, path: str, method: str, status: int, kind: str, *headers: tuple[str, str]) -> Case:
    return Case(
        name=name,
        request=write_request(path, RECORD if method == "POST" else b"", JSON_TYPE, method=method),
        status=status,
        kind=kind,
        headers=headers,
        says_error=path == "/v2" or path.startswith("/v2/"),
        is_head=method == "HEAD",
    )
