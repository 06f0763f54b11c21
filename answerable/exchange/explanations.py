"""An explanation that somebody kept: the JSON that `answerable explain --format json` prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from answerable.scoring.explain import FORMAT
from answerable.values.issue import Issue, Place, Refused

__all__ = ["read_explanation"]


def read_explanation(file: Path) -> Any:
    """What the file holds; whether it is an explanation is for `scoring.since` to say.

    Raises:
        Refused: where there is no such file, or it is not JSON.
    """
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise Refused([Issue("file.not_found", Place(str(file)), {"name": file.name})]) from error
    except (ValueError, RecursionError) as error:
        raise Refused([Issue("scoring.no_explanation", Place(str(file)), {"format": FORMAT})]) from error
