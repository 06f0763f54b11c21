"""Settings read from the environment, sign-in without an e-mail address, and writers that come at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import global_settings
from django.conf import settings as configured
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import NoReverseMatch, reverse

from answerable.site import settings as production
from answerable.site.headers import POLICY
from answerable.site.settings import database, secret_key
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_word_the_database_is_a_file_in_the_home_folder(tmp_path: Path) -> None:
    chosen = database({}, tmp_path)
    assert chosen["NAME"] == str(tmp_path / "answerable.sqlite3")
    assert chosen["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in chosen["OPTIONS"]["init_command"]
    assert database({"ANSWERABLE_DATABASE": "/x/demo.sqlite3"}, tmp_path)["NAME"] == "/x/demo.sqlite3"


def test_one_variable_names_a_postgresql_database(tmp_path: Path) -> None:
    address = "postgresql://an%40office:p%2Fw@db.example:5433/answerable?sslmode=require"
    chosen = database({"DATABASE_URL": address}, tmp_path)
    assert chosen["ENGINE"] == "django.db.backends.postgresql"
    named = [chosen[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert named == ["an@office", "p/w", "db.example", "5433", "answerable"]
    assert chosen["OPTIONS"] == {"sslmode": "require"}


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="mysql"):
        database({"DATABASE_URL": "mysql://db.example/answerable"}, tmp_path)


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    key = secret_key({}, tmp_path)
    assert len(key) > 40
    assert secret_key({}, tmp_path) == key
    assert (tmp_path / "var/secret_key").stat().st_mode & 0o777 == 0o600
    assert secret_key({"ANSWERABLE_SECRET_KEY": "said"}, tmp_path) == "said"


def test_an_organisation_says_its_own_key(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="ANSWERABLE_SECRET_KEY"):
        secret_key({"DATABASE_URL": "postgresql://db.example/answerable"}, tmp_path)


def test_a_person_signs_in_by_user_name_alone(world: World, client: Client) -> None:
    person = world.people.specialist
    person.set_password("a long enough password")
    person.save()
    typed = {"login": "specialist-c01", "password": "a long enough password"}
    answer = client.post(reverse("account_login"), typed)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_wrong_password_a_closed_account_and_one_without_a_password_do_not_sign_in(
    world: World, client: Client
) -> None:
    closed = world.people.leader
    closed.set_password("a long enough password")
    closed.is_active = False
    closed.save()
    for username in ("specialist-c01", "leader-c01", "nobody"):
        client.post(reverse("account_login"), {"login": username, "password": "a long enough password"})
        assert "_auth_user_id" not in client.session


def test_guessing_a_password_is_stopped_after_a_few_tries(world: World, client: Client) -> None:
    person = world.people.specialist
    person.set_password("a long enough password")
    person.save()
    for _ in range(12):
        client.post(reverse("account_login"), {"login": "specialist-c01", "password": "wrong"})
    client.post(reverse("account_login"), {"login": "specialist-c01", "password": "a long enough password"})
    assert "_auth_user_id" not in client.session


@pytest.fixture(autouse=True)
def forget_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_nobody_signs_up() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


def test_passwords_are_hashed_slowly_outside_tests() -> None:
    assert not hasattr(production, "PASSWORD_HASHERS")
    assert global_settings.PASSWORD_HASHERS[0].endswith("PBKDF2PasswordHasher")


def test_every_page_bears_a_policy_without_inline_script_or_style(client: Client, db: None) -> None:
    answer = client.get(reverse("account_login"))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "script-src 'self';" in POLICY
    assert answer.headers["X-Frame-Options"] == "DENY"


WRITER = """
import django; django.setup()
from datetime import date
from django.contrib.auth.models import AnonymousUser
from answerable.site.actions import people
from answerable.site.models import Person
import sys
name = sys.argv[1]
if name == "first":
    people.found(by=AnonymousUser(), username="office", display_name="Office", password=None, from_day=date(2025, 1, 1))
else:
    office = Person.objects.get(username="office")
    for turn in range(20):
        username = f"{name}-{turn}"
        people.open_account(by=office, username=username, display_name=username, password=None)
        people.appoint(by=office, username=username, post="inspector", from_day=date(2025, 1, 1))
"""


@pytest.mark.only_on("sqlite")
def test_writers_that_come_at_once_take_turns_and_leave_no_gap(tmp_path: Path) -> None:
    file = tmp_path / "answerable.sqlite3"
    environment = {**os.environ, "ANSWERABLE_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "answerable.site.settings"}
    environment.pop("ANSWERABLE_DATABASE", None)

    def python(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)

    python("manage.py", "migrate", "--verbosity=0")
    python("-c", WRITER, "first")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: python("-c", WRITER, name), ["a", "b", "c"]))
    with closing(sqlite3.connect(file)) as connection:
        indices = [row[0] for row in connection.execute("SELECT idx FROM answerable_entry ORDER BY idx")]
    assert indices == list(range(61))


def test_a_page_in_production_never_shows_a_trace() -> None:
    assert configured.DEBUG is False


def test_a_server_loads_the_pages_before_anybody_asks_for_one(tmp_path: Path) -> None:
    code = (
        "import gc, sys, answerable.site.wsgi;"
        "assert 'answerable.site.views.home' in sys.modules;"
        "assert gc.get_freeze_count() > 10_000"
    )
    environment = {**os.environ, "ANSWERABLE_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "answerable.site.settings"}
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True)
