"""Schemas of the document in words, for its page."""

from __future__ import annotations

from typing import Any

from augury.markup import Child, Markup, join, tag, write_name, write_table
from augury.service.openapi.operations import Json
from augury.service.openapi.prose import write_about

# More values than this are told by their number: the page is to be read.
_MAX_VALUES = 50


def write_members(schema: Json) -> Markup:
    """Write the members of an object as a table; of anything else, what it may be."""
    if "properties" not in schema:
        return tag("p", describe_schema(schema))
    required = frozenset(schema.get("required", ()))
    rows = (
        (
            tag("code", write_name(name)),
            describe_schema(content),
            "yes" if name in required else "no",
            write_about(content.get("description", "")),
        )
        for name, content in schema["properties"].items()
    )
    return write_table(("member", "holds", "required", "about"), rows)


def describe_schema(schema: Json) -> Child:
    """Describe what a schema takes."""
    if "$ref" in schema:
        return link_type(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return join((describe_schema(choice) for choice in schema["anyOf"]), between=" or ")
    if "const" in schema:
        return _write_value(schema["const"])
    if "enum" in schema:
        return _describe_values(schema["enum"])
    if schema.get("type") == "array":
        most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        items = schema.get("items", {})
        held = describe_schema(items)
        return join(["array of ", join(["(", held, ")"]) if "anyOf" in items else held, most])
    return _describe_type(schema)


def link_type(name: str) -> Markup:
    """Link to where a type of the document is described on the page."""
    return tag("a", tag("code", name), href=f"#type-{name}")


def _describe_values(values: list[Any]) -> Child:
    if len(values) > _MAX_VALUES:
        return f"one of {len(values):,} values"
    return join((_write_value(value) for value in values), between=", ")


def _describe_type(schema: Json) -> Child:
    kinds = schema.get("type", "anything")
    said = kinds if isinstance(kinds, str) else " or ".join(kinds)
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{said}, {low:.15g} to {high:.15g}"
    if "examples" in schema and "properties" not in schema:
        return join([f"{said}, such as ", _describe_values(schema["examples"])])
    return said if low is None else f"{said}, at least {low:.15g}"


def _write_value(value: Any) -> Markup:
    return tag("code", write_name("null" if value is None else str(value)))
