from __future__ import annotations

from typing import Any

import pytest

from answerable.scoring import ENGINES
from tests.spec.office import Office


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest) -> Office:
    """What the language promises, each engine keeps."""
    engine: Any = request.param
    return Office(engine)
