"""What Spark says when something fails, as one sentence without its trace: the one place that reads its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from augury.errors import TableError

_ANEW = "start anew with --force"
# What Spark's or Hadoop's words hold, what that means, and how it is mended. The first that is found counts: what
# caused a failure stands in the same trace as what came of it.
_MEANINGS = (
    ("JAVA_GATEWAY_EXITED", "Spark cannot be started", "install Java 17, or say where it is by JAVA_HOME"),
    ("No FileSystem for scheme", "Spark knows no file system of this scheme", "check the path"),
    (
        "ClassNotFoundException: Class org.apache.hadoop.fs.",
        "Spark lacks what reads paths of this scheme",
        "give spark-submit the package that does, as hadoop-aws for s3a",
    ),
    # Not as it is told: the line is somebody's.
    (
        "MALFORMED_CSV_RECORD",
        "a line has fewer or more cells than the header, or a line break in a cell",
        f"mend it, or give the table as Parquet, and {_ANEW}",
    ),
    (
        "CSV header does not conform to the schema",
        "two columns have one name, or two files have other columns",
        f"give files of one table, and {_ANEW}",
    ),
    ("CANNOT_MERGE_SCHEMAS", "two files have other types of columns", "give files of one table"),
    ("UNABLE_TO_INFER_SCHEMA", "no Parquet file is there", "check the path, or end it in .csv"),
    ("is not a Parquet file", "this is no Parquet file, or not a whole one", "write it again, or check the path"),
    ("FILE_NOT_EXIST", "a file is gone that was there when reading began", _ANEW),
    ("PATH_NOT_FOUND", "nothing is there", "check the path"),
    ("No space left on device", "the disk is full", f"make room, and {_ANEW}"),
    ("Permission denied", "permission is denied", "check who may read and write"),
    ("Mkdirs failed to create", "the folder cannot be made", "check who may write there"),
)
_FILE = re.compile(r"Encountered error while reading file (\S+?)\. ")
# A condition in brackets, and the standard's code for it.
_FRAME = re.compile(r"^\[[A-Z_.\d]+\] | SQLSTATE: \w+$")


@contextmanager
def translate(where: str) -> Iterator[None]:
    """Turn what Spark raises into one sentence; ``where`` names what is read or written.

    Raises:
        TableError: the table cannot be read, or the answers cannot be written.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise _describe(str(error), where) from None


def _describe(said: str, where: str) -> TableError:
    file = _FILE.search(said)
    where = file[1] if file else where
    for words, meaning, mend in _MEANINGS:
        if words in said:
            return TableError(meaning, where=where, mend=mend)
    return TableError(f"Spark says: {_shorten(said)}", where=where, mend=f"check the path, and {_ANEW}")


def _shorten(said: str) -> str:
    """Keep what the innermost cause says, without its class, its condition and its trace."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("Caused by: ", ": "))]
    line = causes[-1] if causes else lines[0]
    while match := re.match(r"(Caused by)?: |[\w.$]+(Exception|Error): ", line):
        line = line[match.end() :]
    return _FRAME.sub("", _FRAME.sub("", line)).strip().rstrip(".")
