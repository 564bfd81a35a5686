"""Write a contract as a ``contract.toml``: every policy spelt out, and beside each field what was noticed about it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from augury.contract.check import RecordChecker
from augury.contract.fields import Contract, Field, check_contract
from augury.errors import ContractError
from augury.tables.notice import Notice

_HEAD = """\
# The contract: the fields that a record must have, and the policies about each way in which it may differ.
# Correct it, keep it in git, and give it by --contract. A member that you remove stays as it is learnt.
#
#   kind             number, integer, boolean, category or identifier
#   spellings        other spellings of the field's name
#   null, absent     "refuse", or "impute" and "optional" where the model has a rule for a missing value
#   seen, accepted   the range of the training table, and the wider one beyond which a value is far
#   near, far        what is done outside `seen`: "note" or "refuse"
#   levels, unseen   the values of a category, and what is done with any other: "refuse" or "note"
#   level_spellings  other spellings of its levels, each with the level that it means
"""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# TOML allows no control character but tab, in comments either.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# A list longer than this is written one value a line, so that a change of one is a change of one line.
_LINE = 100


def write_contract(contract: Contract, path: str | PathLike[str], notices: Sequence[Notice] = ()) -> None:
    """Write a contract to a file: through a temporary one and a rename, so that a failure leaves the old file.

    Raises:
        ContractError: when the file cannot be written.
    """
    check_contract(contract)
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(render_contract(contract, notices).encode("utf-8"))
        beside.replace(target)
    except (OSError, UnicodeEncodeError) as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) else "a name or level holds half of a surrogate pair"
        raise ContractError(f"the contract cannot be written: {reason}", where=str(path), mend="mend that") from None


def render_contract(contract: Contract, notices: Sequence[Notice] = ()) -> str:
    """Render a contract as TOML; notices about no field stand at the end."""
    checker = RecordChecker(contract)
    about: dict[str, list[Notice]] = {}
    for notice in notices:
        field = checker.find_field(notice.column)
        about.setdefault(field.name if field else "", []).append(notice)
    rules: dict[str, Any] = msgspec.to_builtins(contract)
    rules.pop("fields")
    blocks = ["\n".join(f"{key} = {_render(value)}" for key, value in rules.items())]
    blocks.extend("\n".join((*_comment(about.get(each.name, ())), *_iter_lines(each))) for each in contract.fields)
    if "" in about:
        blocks.append("\n".join(("# Not in the contract:", *_comment(about[""]))))
    return "\n".join((_HEAD, "\n\n".join(blocks), ""))


def _comment(notices: Iterable[Notice]) -> Iterator[str]:
    for notice in notices:
        otherwise = f" (otherwise: {notice.option})" if notice.option else ""
        yield "# " + _CONTROL.sub(" ", f"{notice.sentence}{otherwise}.")


def _iter_lines(field: Field) -> Iterator[str]:
    members: dict[str, Any] = msgspec.to_builtins(field)
    table = f"fields.{_render_key(members.pop('name'))}"
    level_spellings = members.pop("level_spellings", None)
    yield f"[{table}]"
    for member, value in members.items():
        # TOML has no null: an unknown range is not written. No other spelling is the rule, and not worth a line.
        if value is not None and not (member == "spellings" and not value):
            yield f"{member} = {_render(value)}"
    if level_spellings:
        yield f"[{table}.level_spellings]"
        yield from (f"{_render_key(text)} = {_render(level)}" for text, level in level_spellings.items())


def _render(value: object) -> str:
    match value:
        case str():
            return _render_text(value)
        case dict():
            pairs = [f"{_render_key(key)} = {_render(each)}" for key, each in value.items()]
            return f"{{ {', '.join(pairs)} }}"
        case list() | tuple():
            rendered = [_render(each) for each in value]
            line = f"[{', '.join(rendered)}]"
            return line if len(line) <= _LINE else "[\n" + "".join(f"    {each},\n" for each in rendered) + "]"
        case _:
            return repr(value)


def _render_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _render_text(key)


def _render_text(text: str) -> str:
    # JSON's escapes are TOML's; only DEL must be escaped in TOML and need not be in JSON.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
