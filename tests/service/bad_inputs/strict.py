"""Keys that are not in the contract, asked of the model ``strict``, whose contract refuses them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.service.bad_inputs.case import JSON_TYPE, LINES_TYPE, Case, Places, add_members, drop_members, write_request

# Keys that are added to a good record.
_KEYS: dict[str, tuple[str, ...]] = {
    "a word": ("loyalty",),
    "an empty one": ("",),
    "a slash": ("a/b",),
    "a tilde": ("a~b",),
    "both, and an escape": ("~1/~0",),
    "a space": (" ",),
    "a letter beyond ASCII": ("prénom",),
    "another script": ("年齢",),
    "a pictograph": ("😀",),
    "a quote": ('a"b',),
    "a tag": ("<script>",),
    "a path": ("../../etc/passwd",),
    "a class's own": ("__class__",),
    "a prototype": ("__proto__",),
    "the label": ("churn",),
    "the label as the table has it": ("Churn",),
    "1,000 letters": ("x" * 1000,),
    "a misspelling": ("tenur",),
    "a direction": ("a\u202eb",),
    "a no-break space": ("a\u00a0b",),
    "two": ("a", "b"),
    "twenty": tuple(f"key{at}" for at in range(20)),
}


def make_cases() -> Iterator[Case]:
    """Each key at each door of the model."""
    for name, keys in _KEYS.items():
        body = add_members(*((key, b"1") for key in keys))
        places = tuple(("unknown_key", _point(key)) for key in keys)
        yield from _ask(name, body, places)
    misnamed = drop_members("tenure")[:-1] + b',"Tenure (months)":41}'
    yield from _ask("misnamed", misnamed, (("unknown_key", "/Tenure (months)"), ("absent", "/tenure")))


def _point(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _ask(name: str, body: bytes, places: Places) -> Iterator[Case]:
    for path in ("/models/strict/predict", "/models/strict/explain", "/models/strict/predict?explain=true"):
        request = write_request(path, body, JSON_TYPE)
        yield Case(name=f"unknown key, {name}: {path}", request=request, status=422, places=places)
        request = write_request(path, b"[" + body + b"," + body + b"]", JSON_TYPE)
        yield Case(name=f"unknown key in an array, {name}: {path}", request=request, status=200, rows=(places, places))
        request = write_request(path, body + b"\n" + body, LINES_TYPE)
        yield Case(name=f"unknown key in lines, {name}: {path}", request=request, status=200, rows=(places, places))
