"""The statement: a model and its contract as one SELECT over a table.

::

    numbers ─▶ quick ─▶ cleaned ─▶ checked ─▶ margins ─▶ answers ─▶ SELECT

``numbers`` reads the texts that are to be numbers, ``cleaned`` each column into the value of its field, ``checked``
lists what is wrong, ``margins`` sums the terms of the rows with which nothing is, ``answers`` turns a margin into a
probability. On an engine that works on columns, rows that are as training saw them are scored at once (``quick``): each
look-up there is without an ``ELSE``, so that whatever needs a closer look makes the sum null, and only such rows are
cleaned and checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct
from sqlglot import exp

from augury.artifact.document import ModelBody
from augury.contract.faults import OVERFLOW
from augury.contract.fields import IdentifierField
from augury.errors import UsageError
from augury.ir.lower import lower_predictor
from augury.ir.magnitude import LARGEST, find_magnitude
from augury.ir.nodes import Missing
from augury.ir.walk import find_field
from augury.sql.build import (
    Node,
    add,
    alias,
    between,
    check_names,
    column,
    deny,
    equals,
    every,
    group,
    is_null,
    negate,
    parse_source,
    some,
    text,
    when,
)
from augury.sql.cleaned import Cleaned
from augury.sql.dialect import Dialect, print_statement
from augury.sql.dialects import find_dialect
from augury.sql.fields import (
    Cell,
    Finding,
    find_faults,
    find_identifier_faults,
    find_notes,
    read_value,
)
from augury.sql.guards import Guards
from augury.sql.layout import Bound
from augury.sql.names import choose_names
from augury.sql.seen import AsSeen
from augury.sql.told import write_told
from augury.targets.sql import write_terms

# Where an engine stops at a number beyond a double, the terms of a row with very large numbers are summed in this unit,
# in which none is: a power of two, so that no digit changes. A margin of 2**1024 or more is none.
_UNIT = 2.0**-64
_LARGE = 2.0**500
_BEYOND = 2.0 ** (1024 - 64)
# Below this, no sum of terms is beyond a double.
_SAFE = 1e300
# The lists of faults and notes, the sum, the margin and the probability, and what a margin is made of on the way.
_FOUND = 7
# Each mention of a member of a struct has the types of all of them: the plan for 3,000 took 13 GB, and for columns 2.
_WIDEST_RECORD = 100
# exp is given arguments in [-700, 0] alone (augury.ir.link).
_LOWEST_EXPONENT = -700.0


class Wanted(Struct, frozen=True):
    """What a statement gives beside the answer.

    Args:
        keep: columns of the source to copy, as they are.
        notes: a column of notes beside the column of faults.
        reasons: a column for each field of what it adds to the margin against the baseline, in log-odds.
        refused: the refused rows only; others are then left out as early as that is known.
    """

    keep: tuple[str, ...] = ()
    notes: bool = False
    reasons: bool = False
    refused: bool = False


_NOTHING_ELSE = Wanted()


def write_statement(body: ModelBody, bound: Bound, *, dialect: str, source: str, wanted: Wanted = _NOTHING_ELSE) -> str:
    """Write the SELECT that scores every row of a source.

    It gives the columns that are to be kept, then ``<target>_probability`` (null for a refused row), ``<target>``,
    ``margin`` (log-odds) and ``faults``: null, or a JSON array of objects with ``code`` and ``field``.

    Args:
        body: the model.
        bound: which column of the source is which field.
        dialect: a name of :data:`augury.sql.dialects.DIALECTS`.
        source: what stands after FROM: a quoted name, a call, a SELECT in brackets.
        wanted: what is given beside the answer.

    Raises:
        UsageError: there is no such dialect, the engine cannot do it, or two columns would have one name.
    """
    select = build_statement(body, bound, dialect=dialect, source=source, wanted=wanted)
    return print_statement(select, find_dialect(dialect))


def build_statement(
    body: ModelBody, bound: Bound, *, dialect: str, source: str, wanted: Wanted = _NOTHING_ELSE
) -> exp.Select:
    """Build what :func:`write_statement` writes, for those who put it into another statement."""
    return _Writer(body, bound, find_dialect(dialect), wanted).build(source)


class _Writer:
    """One statement: the names of its columns, and its steps."""

    def __init__(self, body: ModelBody, bound: Bound, dialect: Dialect, wanted: Wanted) -> None:
        self._body = body
        self._bound = bound
        self._dialect = dialect
        self._wanted = wanted
        columns = [each.name for each in (*bound.features, *bound.identifiers.values()) if each is not None]
        self._names = choose_names(body.contract, (*columns, *bound.unused, *wanted.keep))
        self._lowered = lower_predictor(body.contract, body.predictor)
        # Reasons are taken from clean values.
        self._is_quick = dialect.is_columnar and not wanted.reasons
        packs = self._is_quick and dialect.pack is not None and len(body.contract.features) <= _WIDEST_RECORD
        self._record = self._names.record if packs else None
        self._cells = self._make_cells()
        self._check_width(len(columns) + len(bound.unused))
        self._is_bounded = find_magnitude(body.contract, self._lowered) < _SAFE

    def build(self, source: str) -> exp.Select:
        """Build the steps, each a SELECT of all that the one before has and what it adds."""
        steps: list[tuple[str, list[Node]]] = []
        if numbers := self._write_numbers():
            steps.append(("numbers", numbers))
        if self._is_quick:
            steps.append(("quick", [self._write_quick()]))
        steps.append(("cleaned", self._write_cleaned()))
        steps.append(("checked", self._write_checked()))
        steps += self._write_margins()
        steps.append(("answers", [self._write_probability()]))
        select = exp.Select(expressions=self._write_outputs()).from_(exp.to_table("answers"), copy=False)
        previous: Node = parse_source(source, self._dialect.printer)
        for name, added in steps:
            step = exp.Select(expressions=[exp.Star(), *added]).from_(previous, copy=False)
            if self._wanted.refused and previous.name == "quick":
                step = step.where(is_null(column(self._names.quick)), copy=False)
            select = select.with_(name, as_=self._dialect.fence(step), copy=False)
            previous = exp.to_table(name)
        return select.where(is_null(column(self._names.margin)), copy=False) if self._wanted.refused else select

    def _check_width(self, read: int) -> None:
        """Check that the engine takes the widest step: the table, a clean value a field, and what is found."""
        made = len(self._body.contract.features) + sum(cell.number is not None for cell in self._cells.values())
        most, width = self._dialect.limits.columns, read + made + _FOUND
        if most is not None and width > most:
            what = f"{self._dialect.title} takes {most:,} columns in a SELECT at most, and this needs {width:,}"
            raise UsageError(what, mend="take the table out of it and score the file, or use another engine")

    def _make_cells(self) -> dict[str, Cell]:
        names = self._names
        cells: dict[str, Cell] = {}
        features = self._body.contract.features
        for field, source, clean, number in zip(
            features, self._bound.features, names.clean, names.numbers, strict=True
        ):
            cell = Cell(field, source, self._bound.is_text, clean, self._record)
            is_read_first = cell.is_numeric and cell.kind == "text"
            cells[field.name] = msgspec.structs.replace(cell, number=number) if is_read_first else cell
        return cells

    # --- the steps

    def _write_numbers(self) -> list[Node]:
        return [
            alias(self._dialect.number_from_text(cell.raw), cell.number)
            for cell in self._cells.values()
            if cell.number is not None
        ]

    def _write_quick(self) -> Node:
        seen = AsSeen(self._dialect, self._cells)
        linear = self._lowered.margins[0]
        told = {find_field(node) for node in linear.inputs if not isinstance(node, Missing)}
        conditions = [seen.is_seen(name) for name in self._cells if name not in told]
        for name in self._bound.identifiers:
            conditions += [deny(condition) for condition, _ in self._find_identifier_faults(name)]
        margin = add(write_terms(self._dialect, seen, self._lowered, self._guard()))
        return alias(when([(every(conditions), margin)]) if conditions else margin, self._names.quick)

    def _write_cleaned(self) -> list[Node]:
        values = [(cell.clean, read_value(self._dialect, cell)) for cell in self._cells.values()]
        if self._record is None:
            return [alias(self._if_not_quick(value), name) for name, value in values]
        assert self._dialect.pack is not None
        return [alias(self._if_not_quick(self._dialect.pack(values)), self._record)]

    def _write_checked(self) -> list[Node]:
        """List the faults of each row, empty where there are none, and the notes, which only accepted rows have."""
        listed = self._list(self._find_faults())
        added = [alias(self._if_not_quick(listed, text("")), self._names.faults)]
        if self._wanted.notes:
            added.append(alias(self._write_notes(), self._names.notes))
        return added

    def _find_faults(self) -> Iterator[tuple[str, list[Finding]]]:
        """Find the faults of each field in the order of the contract, which is theirs in a record too."""
        for field in self._body.contract.fields:
            if isinstance(field, IdentifierField):
                yield field.name, self._find_identifier_faults(field.name)
            else:
                yield field.name, find_faults(self._dialect, self._cells[field.name])

    def _find_identifier_faults(self, name: str) -> list[Finding]:
        source = self._bound.identifiers.get(name)
        return [] if source is None else find_identifier_faults(self._dialect, source)

    def _write_notes(self) -> Node:
        found = [(name, find_notes(self._dialect, cell)) for name, cell in self._cells.items()]
        listed = self._list(found)
        if not self._is_quick:
            return listed
        # Of a quick row an accepted null is noted, and nothing else can be.
        nulls = [(name, findings[:1]) for name, findings in found if findings and findings[0][1] == "imputed"]
        branches = [(is_null(column(self._names.quick)), listed)]
        if nulls:
            branches.append((some([findings[0][0].copy() for _, findings in nulls]), self._list(nulls)))
        return when(branches, text(""))

    def _list(self, found: Iterable[tuple[str, list[Finding]]]) -> Node:
        """List the first finding of each field that holds; the empty text where none does."""
        told = [_tell(name, findings) for name, findings in found if any(code for _, code in findings)]
        return self._dialect.join(told) if told else text("")

    def _write_margins(self) -> list[tuple[str, list[Node]]]:
        """Write the margin of each row that has no fault; null where it is beyond a double, too."""
        margin = self._write_sum()
        if self._is_bounded or self._dialect.limits.stops_on_overflow:
            return [("margins", [alias(margin, self._names.margin)])]
        total = column(self._names.total)
        finite = when([(self._dialect.is_finite(total), total.copy())])
        return [("sums", [alias(margin, self._names.total)]), ("margins", [alias(finite, self._names.margin)])]

    def _write_sum(self) -> Node:
        margin = self._write_clean_sum()
        accepted = when([(equals(column(self._names.faults), text("")), margin)])
        if self._is_quick:
            accepted = exp.Coalesce(this=column(self._names.quick), expressions=[accepted])
        return accepted

    def _write_clean_sum(self) -> Node:
        cleaned = Cleaned(self._dialect, self._cells)
        plain = add(write_terms(self._dialect, cleaned, self._lowered, self._guard(_LARGE)))
        if self._is_bounded or not self._dialect.limits.stops_on_overflow:
            return plain
        number = self._dialect.write_number
        terms = write_terms(self._dialect, cleaned, self._lowered, self._guard(), unit=_UNIT)
        total = add([term.copy() for term in terms])
        fits = [between(group(term), number(-_BEYOND), number(_BEYOND)) for term in [*terms, total.copy()]]
        large = [
            deny(between(cell.value, number(-_LARGE), number(_LARGE)))
            for cell in self._cells.values()
            if cell.is_numeric
        ]
        scaled = exp.Div(this=group(total), expression=number(_UNIT), typed=True, safe=False)
        is_ever_small = find_magnitude(self._body.contract, self._lowered, most=_LARGE) < _SAFE
        careful = when([(every(fits), scaled)])
        return when([(some(large), careful)], plain) if large and is_ever_small else careful

    def _guard(self, most: float = LARGEST) -> Guards:
        return Guards(self._dialect, self._body.contract, most)

    def _write_probability(self) -> Node:
        """Write the sigmoid of the margin in the two branches of :func:`augury.ir.link.sigmoid`."""
        number, one = self._dialect.write_number, self._dialect.write_number(1.0)

        def margin() -> Node:
            return column(self._names.margin)

        def power(argument: Node) -> Node:
            lowest = number(_LOWEST_EXPONENT)
            clamped = when([(exp.GTE(this=argument, expression=lowest), argument.copy())], lowest.copy())
            return self._dialect.exp(clamped)

        above = exp.GTE(this=margin(), expression=number(0.0))
        positive = _divide(one, exp.Add(this=one.copy(), expression=power(negate(margin()))))
        negative = _divide(power(margin()), exp.Add(this=one.copy(), expression=power(margin())))
        return alias(when([(above, positive), (deny(is_null(margin())), negative)]), self._names.probability)

    def _write_outputs(self) -> list[Node]:
        names, target = self._names, self._body.target.name
        threshold = self._dialect.write_number(self._body.decision.threshold)
        label = exp.GTE(this=column(names.probability), expression=threshold)
        overflow = text(write_told(OVERFLOW.field, OVERFLOW.code))
        listed = [
            (exp.NEQ(this=column(names.faults), expression=text("")), column(names.faults)),
            (is_null(column(names.margin)), overflow),
        ]
        faults = when([(condition, self._enclose(found)) for condition, found in listed])
        outputs = [
            *(column(name) for name in self._wanted.keep),
            alias(column(names.probability), f"{target}_probability"),
            alias(self._dialect.as_column(label), target),
            alias(column(names.margin), "margin"),
            alias(faults, "faults"),
        ]
        if self._wanted.notes:
            is_noted = exp.NEQ(this=column(names.notes), expression=text(""))
            accepted = every([is_noted, deny(is_null(column(names.margin)))])
            outputs.append(alias(when([(accepted, self._enclose(column(names.notes)))]), "notes"))
        if self._wanted.reasons:
            outputs += self._write_reasons()
        check_names(outputs)
        return outputs

    def _write_reasons(self) -> list[Node]:
        """Write what each field adds to the margin against the baseline, null for a refused row."""
        cleaned = Cleaned(self._dialect, self._cells)
        terms = write_terms(self._dialect, cleaned, self._lowered, self._guard())[1:]
        fields = [find_field(node) for node in self._lowered.margins[0].inputs]
        reasons: list[Node] = []
        for name, base in zip(self._cells, self._body.baseline.terms, strict=True):
            of_field = [term for term, field in zip(terms, fields, strict=True) if field == name]
            total = add(of_field) if of_field else self._dialect.write_number(0.0)
            reason = exp.Sub(this=group(total), expression=group(self._dialect.write_number(base)))
            accepted = deny(is_null(column(self._names.margin)))
            reasons.append(alias(when([(accepted, reason)]), f"{name}_reason"))
        return reasons

    # ---

    def _if_not_quick(self, value: Node, default: Node | None = None) -> Node:
        return when([(is_null(column(self._names.quick)), value)], default) if self._is_quick else value

    def _enclose(self, listed: Node) -> Node:
        return self._dialect.concatenate([text("["), listed, text("]")])


def _divide(left: Node, right: Node) -> Node:
    # Neither is an integer and the right one is never zero: nothing is to be added to the division.
    return exp.Div(this=group(left), expression=group(right), typed=True, safe=False)


def _tell(field: str, findings: Sequence[Finding]) -> Node:
    """Write the first finding of a field that holds, as an object of JSON; null where none does."""
    return when(
        [(condition, exp.Null() if code is None else text(write_told(field, code))) for condition, code in findings]
    )
