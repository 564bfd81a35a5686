"""The statement: a model and its contract as one SELECT over a table.

::

    numbers ─▶ quick ─▶ cleaned ─▶ checked ─▶ margins ─▶ answers ─▶ SELECT

``numbers`` reads the texts that are to be numbers, ``cleaned`` each column into the value of its field, ``checked``
lists what is wrong, ``margins`` sums the terms of the rows with which nothing is, ``answers`` turns a margin into a
probability. On an engine that works on columns, rows that are as training saw them are scored at once (``quick``): each
look-up there is without an ``ELSE``, so that whatever needs a closer look makes the sum null, and only such rows are
cleaned and checked.
"""

from augury.statement.task import Wanted
from augury.statement.write import build_statement, write_statement

__all__ = ["Wanted", "build_statement", "write_statement"]
