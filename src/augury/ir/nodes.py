"""The nodes of the intermediate representation.

A model is a value: a tree of frozen nodes that reads checked fields and ends in a margin for each class but the first.
Three sorts of node stand for three sorts of thing:

* a :data:`Scalar` is a 64-bit float, or missing;
* a :data:`Binned` is one of ``size`` bins, numbered from 0, or missing, or unseen;
* a :data:`Wide` is a row of 64-bit floats, one a column.

Missing and unseen are states with a rule, never numbers. Every operation is in IEEE 754 binary64, rounded to nearest
once for each arithmetic sign in its formula. :mod:`augury.ir.reference` is the law; everything else is held to it.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class _Node(Struct, frozen=True, tag_field="node", forbid_unknown_fields=True):
    """A frozen, tagged value."""


# --- Scalars: f64 or missing


class Number(_Node, frozen=True, tag="number"):
    """Read a field as a number: a number as it is, a boolean as 1.0 or 0.0, an integer level as its value.

    Shape: one field → one scalar, missing where the field is null or absent.
    """

    field: str


class Impute(_Node, frozen=True, tag="impute"):
    """Replace missing: ``value`` where ``x`` is missing, else ``x``.

    Source: ``sklearn.impute.SimpleImputer.transform`` (``statistics_``).
    """

    x: Scalar
    value: float


class Missing(_Node, frozen=True, tag="missing"):
    """Indicate missing: 1.0 where the field is null or absent, else 0.0.

    Source: ``sklearn.impute.MissingIndicator``.
    """

    field: str


class Standardize(_Node, frozen=True, tag="standardize"):
    """Centre and scale: ``(x - center) / scale``, rounded after the subtraction and after the division.

    Missing stays missing. Source: ``sklearn.preprocessing.StandardScaler`` and ``RobustScaler`` (``transform``);
    ``MaxAbsScaler`` with ``center`` 0.
    """

    x: Scalar
    center: float
    scale: float


class Stretch(_Node, frozen=True, tag="stretch"):
    """Scale and shift: ``x * scale + shift``, rounded after the product and after the sum.

    Missing stays missing. Source: ``sklearn.preprocessing.MinMaxScaler.transform`` (``scale_``, ``min_``).
    """

    x: Scalar
    scale: float
    shift: float


class Clip(_Node, frozen=True, tag="clip"):
    """Limit: ``low`` where ``x < low``, ``high`` where ``x > high``, else ``x``; missing stays missing.

    Source: ``numpy.clip`` as ``MinMaxScaler(clip=True)`` uses it.
    """

    x: Scalar
    low: float
    high: float


class Lookup(_Node, frozen=True, tag="lookup"):
    """Look a bin up: ``values[i]`` for bin ``i``, ``missing`` and ``unseen`` for those states.

    ``missing`` or ``unseen`` is None where there is no rule; such a record is refused before it comes here.
    Source: ``sklearn.preprocessing.OrdinalEncoder``; also what one-hot columns times weights become when lowered.
    """

    x: Binned
    values: tuple[float, ...]
    missing: float | None = None
    unseen: float | None = None


# --- Binned: one of `size` bins, or missing, or unseen


class Category(_Node, frozen=True, tag="category"):
    """Read a field as its level: bin ``i`` is the contract's level ``i``; a boolean is bin 0 (false) or 1 (true).

    Shape: one field → one of as many bins as it has levels, missing where the field is null or absent, unseen where
    its policy lets an unseen level through.
    """

    field: str


class Bin(_Node, frozen=True, tag="bin"):
    """Bin a number: the count of ``edges`` that are ``<= x``, so ``len(edges) + 1`` bins; missing stays missing.

    ``edges`` are increasing and inner only. Source: ``numpy.searchsorted(side="right")`` as
    ``sklearn.preprocessing.KBinsDiscretizer.transform`` uses it.
    """

    x: Scalar
    edges: tuple[float, ...]


class Regroup(_Node, frozen=True, tag="regroup"):
    """Merge bins: bin ``i`` of ``x`` becomes bin ``groups[i]`` of ``size``.

    ``missing`` and ``unseen`` are the bins that those states become; None leaves the state as it is.
    Source: ``OneHotEncoder(min_frequency=…)`` (infrequent levels), ``SimpleImputer`` on text.
    """

    x: Binned
    size: int
    groups: tuple[int, ...]
    missing: int | None = None
    unseen: int | None = None


# --- Wide: a row of f64


class OneHot(_Node, frozen=True, tag="one_hot"):
    """Indicate the bin: column ``j`` is 1.0 where ``x`` is bin ``columns[j]``, else 0.0.

    A bin without a column (dropped) is all zeros. ``missing`` and ``unseen`` tell whether those states are all zeros
    too; where they are not, there is no rule for them. Shape: one bin → ``len(columns)`` numbers.
    Source: ``sklearn.preprocessing.OneHotEncoder`` (``drop``, ``handle_unknown="ignore"``), ``DictVectorizer``.
    """

    x: Binned
    columns: tuple[int, ...]
    missing: bool = False
    unseen: bool = False


# --- The model


class Linear(_Node, frozen=True, tag="linear"):
    """Sum: ``intercept + Σ weights[j] * column[j]``, each product rounded, their sum exact and rounded once.

    The columns are those of ``inputs`` side by side, so ``len(weights)`` is the sum of their widths; a scalar is one
    column. Source: ``sklearn.linear_model`` (``coef_``, ``intercept_``); exact sum: Shewchuk 1997, as ``math.fsum``.
    """

    inputs: tuple[Input, ...]
    weights: tuple[float, ...]
    intercept: float


class Link(_Node, frozen=True, tag="link"):
    """Turn margins into a probability: ``sigmoid(m) = 1 / (1 + exp(-m))`` of the one margin of two classes.

    Source: ``scipy.special.expit`` as ``LogisticRegression.predict_proba`` uses it; here in its stable two-branch form.
    """

    margins: tuple[Linear, ...]
    function: Literal["sigmoid"] = "sigmoid"


class Decide(_Node, frozen=True, tag="decide"):
    """Decide: the positive label where ``probability >= threshold``, compared as doubles."""

    threshold: float
    chosen: str = "0.5, the middle"


Scalar = Number | Impute | Missing | Standardize | Stretch | Clip | Lookup
Binned = Category | Bin | Regroup
Wide = OneHot
Input = Scalar | Wide
