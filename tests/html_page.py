"""An HTML page as a test reads it."""

from __future__ import annotations

from html.parser import HTMLParser

# Elements of ours that have no end tag.
_VOID = frozenset({"meta", "link", "br"})


class Page(HTMLParser):
    """A page as its tags, each with its attributes, and the text within each kind of tag; all of them balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and begin its text."""
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} stands twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Hold that tags close in the order in which they opened."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add to the text of every open tag."""
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def find(self, tag: str) -> list[dict[str, str | None]]:
        """Find the attributes of each element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]
