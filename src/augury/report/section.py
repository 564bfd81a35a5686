"""A part of a report."""

from __future__ import annotations

from msgspec import Struct

from augury.markup import Child, Markup, join, tag


class Section(Struct, frozen=True):
    """A part of a report: the anchor that the table of contents leads to, its title and what it says."""

    anchor: str
    title: str
    content: Markup


def write_section(section: Section) -> Markup:
    """Write a section with its heading."""
    return tag("section", tag("h2", section.title), section.content, id=section.anchor)


def write_paragraphs(*paragraphs: Child) -> Markup:
    """Write paragraphs, those that are None left out."""
    return join(tag("p", paragraph) for paragraph in paragraphs if paragraph is not None)


def write_list(items: list[Child]) -> Markup:
    """Write a list."""
    return tag("ul", join(tag("li", item) for item in items))


def write_figure(title: str, plot: Markup, caption: Child) -> Markup:
    """Write a plot with its title above it and below it on which rows it was computed."""
    return tag("figure", tag("p", title, class_="title"), plot, tag("figcaption", caption))
