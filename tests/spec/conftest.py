from __future__ import annotations

from typing import Any

import pytest

from tests.engines import HELD
from tests.spec.office import Office


@pytest.fixture(params=HELD)
def office(request: pytest.FixtureRequest) -> Office:
    """What the language promises, each engine keeps."""
    engine: Any = request.param
    return Office(engine)
