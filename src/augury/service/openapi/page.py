"""The document as a page for people: every operation with what it takes, how it is asked and what it answers."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from augury.markup import Child, Markup, join, tag, write_table
from augury.service.openapi.operations import Json
from augury.service.openapi.prose import write_about, write_prose
from augury.service.openapi.wording import describe_schema, write_members

# What stands for the address until somebody asks: no text of a page can hold it, for markup turns it into U+FFFD.
_ORIGIN = "\x1a"
# A longer example is not read by anybody; where it is, the operation itself gives it.
_MAX_EXAMPLE = 4_000


def read_page_style() -> str:
    """Read the style sheet of the page."""
    return Path(__file__).parents[1].joinpath("page", "static", "docs.css").read_text(encoding="utf-8")


def write_page(document: Json, style: str) -> str:
    """Write the page, with a mark where the service's address belongs; :func:`address_page` puts it there."""
    title = document["info"]["title"]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(style)),
    )
    body = tag("body", tag("header", _write_intro(document)), tag("main", *_write_chapters(document)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}"


def address_page(page: str, origin: str) -> str:
    """Put the service's address where the examples need it; an origin holds nothing that HTML would escape."""
    return page.replace(_ORIGIN, origin)


def _write_intro(document: Json) -> Markup:
    info = document["info"]
    links = (tag("a", text, href=place) for text, place in (("OpenAPI", "openapi.json"), ("try it", ".")))
    return join(
        [
            tag("h1", info["title"]),
            write_prose(info["description"]),
            tag("p", f"Version {info['version']} · ", join(links, between=" · "), class_="version"),
        ]
    )


def _write_chapters(document: Json) -> Iterator[Markup]:
    yield _write_contents(document)
    for chapter in document["tags"]:
        operations = [
            _write_operation(document, path, method, operation)
            for path, method, operation in _iter_operations(document, chapter["name"])
        ]
        yield tag("section", tag("h2", chapter["name"]), tag("p", chapter["description"]), *operations)
    yield tag("section", tag("h2", "headers of answers"), _write_headers(document))
    yield tag("section", tag("h2", "problems"), _write_problems(document))
    yield tag("section", tag("h2", "types"), *_write_types(document))


def _write_contents(document: Json) -> Markup:
    items = (
        tag("li", tag("a", _write_line(path, method), href=f"#{operation['operationId']}"))
        for chapter in document["tags"]
        for path, method, operation in _iter_operations(document, chapter["name"])
    )
    return tag("nav", tag("ul", join(items)), aria_label="Operations")


def _iter_operations(document: Json, chapter: str) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"] == [chapter]:
                yield path, method, operation


def _write_line(path: str, method: str) -> Markup:
    return join([tag("b", method.upper(), class_=method), " ", tag("code", path)])


def _write_operation(document: Json, path: str, method: str, operation: Json) -> Markup:
    heading = tag("h3", _write_line(path, method), " ", tag("span", operation["summary"]))
    parts = [
        write_prose(operation.get("description", "")),
        _write_parameters(operation),
        _write_body(document, operation),
        _write_titled("Ask with curl", *(tag("pre", command) for command in _iter_commands(path, method, operation))),
        _write_answers(operation),
    ]
    return _write_details(heading, operation["operationId"], parts)


def _write_details(heading: Markup, place: str, parts: Iterable[Markup | None]) -> Markup:
    """Write what opens when it is asked for; its address is within, for a browser opens what it is sent into."""
    return tag("details", tag("summary", heading), tag("div", *parts, id=place))


def _write_titled(title: str, *parts: Markup | None) -> Markup:
    return join([tag("h4", title), *parts])


def _write_parameters(operation: Json) -> Markup | None:
    if "parameters" not in operation:
        return None
    rows = (
        (tag("code", each["name"]), each["in"], describe_schema(each["schema"]), write_about(each["description"]))
        for each in operation["parameters"]
    )
    return _write_titled("Parameters", write_table(("name", "in", "takes", "about"), rows))


def _write_body(document: Json, operation: Json) -> Markup | None:
    if "requestBody" not in operation:
        return None
    parts: list[Markup] = []
    for media_type, content in operation["requestBody"]["content"].items():
        schema = content["schema"]
        parts.append(tag("p", tag("code", media_type), ": ", describe_schema(schema), write_about(_find_about(schema))))
        first = schema.get("anyOf", [schema])[0]
        if "$ref" in first:
            parts.append(write_members(document["components"]["schemas"][first["$ref"].rpartition("/")[2]]))
    return _write_titled("Body", *parts)


def _find_about(schema: Json) -> str:
    return f". {schema['description']}" if "description" in schema else ""


def _iter_commands(path: str, method: str, operation: Json) -> Iterator[Markup]:
    """Write a command for each media type that is sent as text; one where nothing is."""
    key = ["-H", "X-API-Key: KEY"] if "security" in operation else []
    start, address = shlex.join(["curl", *key]), Markup(f"{_ORIGIN}{path}")
    contents = operation.get("requestBody", {}).get("content", {})
    examples = {media_type: _find_example(content) for media_type, content in contents.items()}
    sent = {media_type: example for media_type, example in examples.items() if example is not None}
    for media_type, example in sent.items():
        body = shlex.quote(_write_example(example))
        yield join([start, f" -H 'Content-Type: {media_type}' ", address, f" --data-binary {body}"])
    if not sent:
        yield join([start, "" if method == "get" else " -X POST", " ", address])


def _find_example(content: Json) -> Any:
    named = content.get("examples")
    return next(iter(named.values()))["value"] if named else content.get("example")


def _write_example(example: Any) -> str:
    return example if isinstance(example, str) else msgspec.json.encode(example).decode()


def _write_answers(operation: Json) -> Markup:
    rows: list[tuple[Child, Child]] = []
    examples: list[Markup] = []
    problems: list[Markup] = []
    for status, response in operation["responses"].items():
        if "$ref" in response:
            problems.append(tag("a", status, href=f"#problem-{status}"))
            continue
        for media_type, content in response["content"].items():
            held = join([response["description"], " ", describe_schema(content["schema"])])
            rows.append((status, join([held, " as ", tag("code", media_type)])))
            examples += _write_answer_example(content)
    rows.append((join(problems, between=" "), "problems"))
    return _write_titled("Answers", write_table(("status", "is"), rows), *examples)


def _write_answer_example(content: Json) -> list[Markup]:
    example = _find_example(content)
    if example is None:
        return []
    shown = example if isinstance(example, str) else msgspec.json.format(msgspec.json.encode(example)).decode()
    return [tag("pre", shown)] if len(shown) <= _MAX_EXAMPLE else []


def _write_headers(document: Json) -> Markup:
    headers = document["components"]["headers"].items()
    rows = ((tag("code", name), write_about(header["description"])) for name, header in headers)
    return write_table(("header", "holds"), rows)


def _write_problems(document: Json) -> Markup:
    """Write the kinds of problem by status; those of the Open Inference Protocol are the same in another form."""
    rows = (
        (tag("span", status, id=f"problem-{status}"), write_about(response["description"]))
        for name, response in document["components"]["responses"].items()
        for status in [name.removeprefix("Problem")]
        if status.isdecimal()
    )
    return write_table(("status", "kinds of problem"), rows)


def _write_types(document: Json) -> Iterator[Markup]:
    for name, schema in document["components"]["schemas"].items():
        parts = [write_prose(schema.get("description", "")), write_members(schema)]
        yield _write_details(tag("h3", tag("code", name)), f"type-{name}", parts)
