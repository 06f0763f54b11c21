"""One way to bytes, one way to a digest.

Canonical JSON: UTF-8, keys sorted, no spaces, no floats, no NaN. Canonical CSV: UTF-8, LF, quotes only where needed.
A digest is the lower-case hex of SHA-256 over such bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["canonical_csv", "canonical_json", "digest"]


def canonical_json(value: Any) -> bytes:
    """Bytes of a value made of dict (text keys), list, tuple, str, int, bool and None.

    Raises:
        TypeError: for a float or anything else, since its bytes would depend on the machine or library.

    >>> canonical_json({"b": 1, "a": "单位"}).decode()
    '{"a":"单位","b":1}'
    """
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def canonical_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Bytes of a table whose cells are str, int or None (empty); the caller has put the rows in order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def digest(data: bytes) -> str:
    """Lower-case hex of SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(f"canonical JSON has text keys only, not {key!r}")
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
    elif not (value is None or isinstance(value, str | int | bool)):
        raise TypeError(f"canonical JSON has no {type(value).__name__}: {value!r}")
