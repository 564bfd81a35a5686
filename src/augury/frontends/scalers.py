"""Scalers: ``StandardScaler``, ``RobustScaler``, ``MaxAbsScaler``, ``MinMaxScaler``.

scikit-learn divides a dense column by its scale and multiplies a sparse one by the reciprocal, which rounds twice; each
is read as it is done. A scale of zero was stored as 1 when it was fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

from augury.errors import UnsupportedError
from augury.frontends.columns import Column, map_column
from augury.frontends.plain import Attributes, read_finite
from augury.frontends.reading import Block, Reading
from augury.ir.nodes import Clip, Standardize, Stretch


def read_standard_scaler(attributes: Attributes, block: Block, reading: Reading) -> Block:  # noqa: ARG001
    """Read a StandardScaler: ``(x - mean_) / scale_``, either part optional."""
    centers = _read_numbers(attributes, "mean_", block, use=attributes.get("with_mean") is True)
    scales = _read_numbers(attributes, "scale_", block, use=attributes.get("with_std") is True)
    return _standardize(block, centers, scales)


def read_robust_scaler(attributes: Attributes, block: Block, reading: Reading) -> Block:  # noqa: ARG001
    """Read a RobustScaler: ``(x - center_) / scale_``, either part optional."""
    centers = _read_numbers(attributes, "center_", block, use=attributes.get("with_centering") is True)
    scales = _read_numbers(attributes, "scale_", block, use=attributes.get("with_scaling") is True)
    return _standardize(block, centers, scales)


def read_max_abs_scaler(attributes: Attributes, block: Block, reading: Reading) -> Block:  # noqa: ARG001
    """Read a MaxAbsScaler: ``x / scale_``; with ``clip`` (1.8 and later) limited to [-1, 1]."""
    scaled = _standardize(block, None, _read_numbers(attributes, "scale_", block, use=True))
    if attributes.get("clip") is not True:
        return scaled
    return Block([_clip(column, -1.0, 1.0) for column in scaled.columns], is_sparse=scaled.is_sparse)


def read_min_max_scaler(attributes: Attributes, block: Block, reading: Reading) -> Block:  # noqa: ARG001
    """Read a MinMaxScaler: ``x * scale_ + min_``; with ``clip`` limited to the range that was asked for."""
    scales = _read_numbers(attributes, "scale_", block, use=True)
    shifts = _read_numbers(attributes, "min_", block, use=True)
    columns = [_stretch(*parts) for parts in zip(block.columns, scales or (), shifts or (), strict=True)]
    if attributes.get("clip") is True:
        low, high = read_finite(attributes, "feature_range")
        columns = [_clip(column, low, high) for column in columns]
    return Block(columns)


def _read_numbers(attributes: Attributes, name: str, block: Block, *, use: bool) -> tuple[float, ...] | None:
    """Read one number a column, or None where the option says that it is not used."""
    if block.is_single:
        why = "the step before answers 32-bit floats, and so it computes in 32 bits; fit that step with dtype=float64"
        raise UnsupportedError([("", why)])
    if not use:
        return None
    numbers = read_finite(attributes, name)
    if len(numbers) != len(block.columns):
        raise UnsupportedError([(name, f"it has {len(numbers)} numbers for {len(block.columns)} columns")])
    if name == "scale_" and 0.0 in numbers:
        raise UnsupportedError([(name, "a scale is zero, which no fit stores")])
    return numbers


def _standardize(block: Block, centers: Sequence[float] | None, scales: Sequence[float] | None) -> Block:
    if block.is_sparse and centers is not None:
        raise UnsupportedError([("", "it centres a sparse matrix, which scikit-learn refuses to score")])
    if centers is None and scales is None:
        return block
    count = len(block.columns)
    if block.is_sparse:
        scaled = [_stretch(column, 1.0 / scale, 0.0) for column, scale in zip(block.columns, scales or (), strict=True)]
        return Block(scaled, is_sparse=True)
    columns = zip(block.columns, centers or [0.0] * count, scales or [1.0] * count, strict=True)
    return Block([_center(*parts) for parts in columns])


def _center(column: Column, center: float, scale: float) -> Column:
    return map_column(column, lambda x: Standardize(x, center, scale), lambda number: (number - center) / scale)


def _stretch(column: Column, scale: float, shift: float) -> Column:
    return map_column(column, lambda x: Stretch(x, scale, shift), lambda number: number * scale + shift)


def _clip(column: Column, low: float, high: float) -> Column:
    def clip(number: float) -> float:  # NaN is in neither comparison and stays
        return low if number < low else high if number > high else number  # noqa: FURB136 - as Clip is defined

    return map_column(column, lambda x: Clip(x, low, high), clip)
