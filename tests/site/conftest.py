"""The site's tests: a world built once, a stopped clock, and a guard at the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from answerable.site import clock
from tests.door import guard
from tests.world import NOW, World, build, found_world


@pytest.fixture(scope="session")
def numbers_of_the_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The world is built once, through the actions, under the same guard as every test."""
    media = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), connection.execute_wrapper(guard):
        world = build()
    with override_settings(MEDIA_ROOT=media):
        yield dict(world.numbers)


@pytest.fixture
def world(numbers_of_the_world: dict[str, str], db: None) -> Iterator[World]:
    """The world as it stands on 20 January 2026; what a test does to it is undone."""
    with clock.at(NOW), connection.execute_wrapper(guard):
        yield found_world(numbers_of_the_world)


@pytest.fixture
def evidence_folder(world: World) -> Path:
    return Path(settings.MEDIA_ROOT) / "evidence"
