"""Files of YAML with blanks: texts stay texts, whichever YAML reads them, and are quoted only where they would not."""

from __future__ import annotations

import re

from augury.bundle.deployment import Deployment
from augury.bundle.quoting import quote
from augury.bundle.template import fill

# Starts with a letter, so it is no number and no date; and no sign in it means anything between letters and digits.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_./:@][A-Za-z0-9]+)*")
# What YAML 1.1, which Kubernetes and Python read, takes for a truth or for nothing.
_MEANT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
# Blanks that are whole numbers, and stay so.
_NUMBERS = ("port", "uid")


def quote_yaml(text: str) -> str:
    """Write a text as a scalar of YAML (1.1 and 1.2) on one line, without quotes where it needs none.

    >>> quote_yaml("churn-prediction"), quote_yaml("no"), quote_yaml("1e3")
    ('churn-prediction', '"no"', '"1e3"')
    """
    return text if _BARE.fullmatch(text) and text.lower() not in _MEANT else quote(text)


def fill_yaml(template: str, deployment: Deployment, **blocks: str) -> bytes:
    """Fill in a template of YAML.

    Args:
        template: a file in ``templates/``.
        deployment: whose values are quoted where they need it.
        blocks: blanks that are filled with YAML, as it is.
    """
    values = deployment.list_values()
    scalars = {key: text if key in _NUMBERS else quote_yaml(text) for key, text in values.items()}
    return fill(template, scalars | blocks, str)
