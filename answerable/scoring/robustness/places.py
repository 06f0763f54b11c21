"""Places within groups, many draws at once."""

from __future__ import annotations

from typing import Literal

import numpy as np

from answerable.scoring.robustness.figures import Array, Bools

__all__ = ["places"]


def places(totals: Array, groups: Array, ties: Literal["min", "dense", "max"], among: Bools | None = None) -> Array:
    """The place of each unit within its group, best total first, draws × units.

    Units of one total share a place: `min` the first of those they take up, `max` the last, `dense` the next after the
    totals that are better.

    Args:
        groups: a number from 0 on for each unit. among: who is placed at all; the place of others means nothing.
    """
    codes, span = _codes(totals)
    keys = groups * span + (span - 1 - codes)
    if among is not None:
        keys = np.where(among, keys, (int(groups.max()) + 1) * span)
    order, sorted_keys = _sorted(keys)
    new = np.ones(keys.shape, np.bool_)
    new[:, 1:] = sorted_keys[:, 1:] != sorted_keys[:, :-1]
    found = np.empty(keys.shape, np.int32)
    np.put_along_axis(found, order, _counted(new, _starts(sorted_keys, span, groups, among is None), ties), axis=1)
    return found


def _starts(sorted_keys: Array, span: int, groups: Array, all_placed: bool) -> Array:
    """Where the group of each unit in order begins; the same in each draw where all are placed."""
    if all_placed:
        sizes = np.bincount(groups)
        return np.repeat(np.cumsum(sizes) - sizes, sizes).astype(np.int32)[None, :]
    in_group = sorted_keys // span
    first = np.ones(sorted_keys.shape, np.bool_)
    first[:, 1:] = in_group[:, 1:] != in_group[:, :-1]
    at = np.arange(sorted_keys.shape[1], dtype=np.int32)
    return np.asarray(np.maximum.accumulate(np.where(first, at, np.int32(0)), axis=1))


def _counted(new: Bools, start: Array, ties: Literal["min", "dense", "max"]) -> Array:
    """Places of units in order, from where a new total and where their group begins."""
    at = np.arange(new.shape[1], dtype=np.int32)
    if ties == "dense":
        distinct = np.cumsum(new, axis=1, dtype=np.int32)
        return distinct - np.take_along_axis(distinct, np.broadcast_to(start, new.shape), axis=1) + 1
    if ties == "min":
        return np.asarray(np.maximum.accumulate(np.where(new, at, np.int32(0)), axis=1) - start + 1)
    ends = np.ones(new.shape, np.bool_)
    ends[:, :-1] = new[:, 1:]
    last = np.where(ends, at, np.int32(new.shape[1]))[:, ::-1]
    return np.asarray(np.minimum.accumulate(last, axis=1)[:, ::-1] - start + 1)


def _codes(totals: Array) -> tuple[Array, int]:
    """Totals as numbers from 0 on in the same order, and how many there may be."""
    if totals.dtype != object:
        codes = totals.astype(np.int64)
        most = int(codes.max()) + 1
        if most < 2**31:
            return codes, most
    distinct, codes = np.unique(totals, return_inverse=True)
    return codes.reshape(totals.shape).astype(np.int64), len(distinct)


def _sorted(keys: Array) -> tuple[Array, Array]:
    """The order of keys in each row, and the keys in it; packed with their place, since plain sorting is faster."""
    bits = (keys.shape[1] - 1).bit_length()
    if int(keys.max()) >> (62 - bits):
        order = np.argsort(keys, axis=1, kind="stable")
        return order, np.take_along_axis(keys, order, axis=1)
    packed = np.sort((keys << bits) | np.arange(keys.shape[1]), axis=1)
    return packed & ((1 << bits) - 1), packed >> bits
