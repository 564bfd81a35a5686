"""The page of a report: its sections in the order in which an auditor reads, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from augury.artifact.document import Document
from augury.artifact.evaluation import Evaluation
from augury.card import find_label
from augury.errors import UsageError
from augury.evaluation.curves import Curves
from augury.markup import Markup, find_style_source, join, read_style, tag, write_excerpt, write_name
from augury.model import Model
from augury.report.origin import write_origin
from augury.report.purpose import write_glance, write_purpose
from augury.report.records import write_records
from augury.report.section import Section, write_section
from augury.report.weights import write_examples, write_weights
from augury.tables.notice import Notice

_STYLE = Path(__file__).with_name("page.css")


def write_page(model: Model, curves: Curves | None, notices: tuple[Notice, ...]) -> str:
    """Write the page.

    Raises:
        UsageError: there are plots to draw, and matplotlib is not installed.
    """
    sections = list(_iter_sections(model, curves, notices))
    label = find_label(model.document)
    contents = tag("nav", tag("h2", "Contents"), _write_contents(sections), aria_label="Contents")
    introduction = (
        "This page says what the model is for, how well it does and where it comes from. It is complete in itself: "
        "nothing runs in it and nothing is fetched."
    )
    body = tag(
        "body",
        tag("header", tag("h1", "Model report: ", write_name(label)), tag("p", introduction)),
        contents,
        tag("main", *map(write_section, sections)),
        class_="augury",
    )
    return "<!doctype html>\n" + tag("html", _write_head(f"Model report: {label}"), body, lang="en") + "\n"


def write_report_excerpt(model: Model, curves: Curves | None) -> Markup:
    """Write the short form that a notebook shows: the figures at a glance, and a few plots."""
    document = model.document
    evaluation = document.model.evaluation
    return write_excerpt(
        tag("p", "Report of ", write_name(find_label(document)), class_="title"),
        write_glance(document).content,
        _draw_main(document, evaluation, curves) if evaluation is not None else None,
        tag("p", "The whole report: ", tag("code", 'report.save("report.html")')),
    )


def _iter_sections(model: Model, curves: Curves | None, notices: tuple[Notice, ...]) -> Iterator[Section]:
    document = model.document
    yield write_purpose(document)
    yield write_glance(document)
    yield write_records(document, notices)
    if document.model.evaluation is not None:
        yield _draw_performance(document, document.model.evaluation, curves)
    yield write_weights(document)
    yield write_examples(model)
    yield write_origin(document)


def _draw_performance(document: Document, evaluation: Evaluation, curves: Curves | None) -> Section:
    try:
        from augury.report.performance import write_performance  # with it matplotlib
    except ModuleNotFoundError as error:
        raise _name_what_is_missing(error) from error
    return write_performance(document, evaluation, curves)


def _draw_main(document: Document, evaluation: Evaluation, curves: Curves | None) -> Markup:
    """Draw the main plots; where they cannot be drawn a notebook shows why, and not a traceback."""
    try:
        from augury.report.performance import write_main_plots
    except ModuleNotFoundError as error:
        return tag("p", str(_name_what_is_missing(error)))
    return write_main_plots(document, evaluation, curves)


def _name_what_is_missing(error: ModuleNotFoundError) -> UsageError:
    what = f"the plots of a report are drawn by matplotlib, and {error.name} is not installed"
    return UsageError(what, mend='install it with `pip install "augury[train]"`')


def _write_head(title: str) -> Markup:
    style = join([Markup(read_style()), Markup(_STYLE.read_text(encoding="utf-8"))])
    policy = f"default-src 'none'; style-src {find_style_source(style)}; base-uri 'none'; form-action 'none'"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", style),
    )


def _write_contents(sections: list[Section]) -> Markup:
    links = (tag("li", tag("a", section.title, href=f"#{section.anchor}")) for section in sections)
    return tag("ol", join(links))
