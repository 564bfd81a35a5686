"""Public tables that installed packages ship, each with a target of two classes."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import sklearn
import statsmodels.api as sm
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification

# Of OpenML, as scikit-learn's own tests read them: the passengers of the Titanic.
_OPENML = Path(sklearn.__file__).parent / "datasets" / "tests" / "data" / "openml"
_TITANIC = _OPENML / "id_40945" / "data-v1-dl-16826755.arff.gz"


def make_breast_cancer() -> pd.DataFrame:
    """569 tumours, 30 numbers; the target says benign or malignant."""
    bunch = load_breast_cancer(as_frame=True)
    return bunch.data.assign(tumour=bunch.target.map({0: "malignant", 1: "benign"}))


def make_digits() -> pd.DataFrame:
    """1,797 pictures of 64 pixels from 0 to 16; the target says whether the digit is even."""
    bunch = load_digits(as_frame=True)
    return bunch.data.assign(even=bunch.target % 2 == 0)


def make_wine() -> pd.DataFrame:
    """178 wines, 13 numbers; the target says whether it is of the first grower."""
    bunch = load_wine(as_frame=True)
    return bunch.data.assign(first=(bunch.target == 0).map({True: "yes", False: "no"}))


def make_rare() -> pd.DataFrame:
    """3,000 rows made up, of which 2 in 100 are positive."""
    cells, labels = make_classification(3000, 8, n_informative=4, weights=[0.985], class_sep=1.5, random_state=4)
    return pd.DataFrame(cells, columns=[f"x{place}" for place in range(8)]).assign(fraud=labels)


def make_affairs() -> pd.DataFrame:
    """6,366 answers to a survey; the target says whether there was an affair, and one column how much of one."""
    frame = _load("fair")
    return frame.assign(affair=(frame["affairs"] > 0).astype(int))


def make_grades() -> pd.DataFrame:
    """32 students; the target is whether the grade was better."""
    return _load("spector")


def make_votes() -> pd.DataFrame:
    """944 voters of 1996, seven-step answers among the columns; the target is the vote."""
    return _load("anes96")


def make_travellers() -> pd.DataFrame:
    """210 travellers with four rows each, one for each way to travel; the target is whether it was chosen."""
    return _load("modechoice")


def make_insured() -> pd.DataFrame:
    """5,048 years of insured people, every fourth of the table; the target is whether a doctor was seen."""
    frame = _load("randhie").iloc[::4]
    return frame.assign(seen=frame["mdvis"] > 0).drop(columns="mdvis")


def make_countries() -> pd.DataFrame:
    """219 countries with a column a year, a tenth of the cells null; the target is few children in 2000."""
    frame = _load("fertility").dropna(subset=["2000"])
    return frame.drop(columns=[str(year) for year in range(1990, 2014)]).assign(few=frame["2000"] < 2.1)


def make_prices() -> pd.DataFrame:
    """Prices of a share by day, with the date as ``19-Sep-03``; the target: did it close higher."""
    frame = pd.read_csv(Path(mpl.get_data_path()) / "sample_data" / "msft.csv")
    return frame.assign(rose=frame["Close"] > frame["Open"])


def write_titanic(path: Path, unknown: str) -> Path:
    """Write 1,309 passengers as a CSV file, with a word for what is not known; the target is who survived."""
    names, rows = _read_arff(_TITANIC)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *([unknown if cell == "?" else cell for cell in row] for row in rows)])
    return path


def _load(name: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(sm.datasets, name).load_pandas().data
    return frame


def _read_arff(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read names and cells of an ARFF file, all as texts."""
    text = gzip.decompress(path.read_bytes()).decode()
    head, body = re.split(r"@data\s*\n", text, maxsplit=1, flags=re.IGNORECASE)
    names = re.findall(r"^@attribute\s+['\"]?([^'\"\s]+)", head, flags=re.IGNORECASE | re.MULTILINE)
    lines = [line for line in body.splitlines() if line.strip() and not line.startswith("%")]
    return names, [[cell.strip("'") for cell in row] for row in csv.reader(lines, skipinitialspace=True)]
