"""How Sphinx builds the pages: Markdown, strictly, with nothing fetched while building or reading."""

import re
from pathlib import Path

_FRONT_DOOR = (Path(__file__).parents[1] / "src" / "augury" / "__init__.py").read_text()

project = "Augury"
author = "the Augury developers"
version = release = re.findall(r'^__version__ = "(.+)"$', _FRONT_DOOR, re.MULTILINE)[0]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3  # so that a page can link to another's section, and a wrong link fails the build

html_theme = "furo"
html_title = f"Augury {release}"
html_copy_source = False  # readers are sent to the repository, not to a copy of the page's source
