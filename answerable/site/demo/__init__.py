"""`answerable demo`: make the demonstration district if it is not there yet, and open the site at its moment.

The pure parts (`district`, `tables`) need no Django; this module loads it only when the command runs. The database is
made under another name and gets its own only when it is whole, so a run that was stopped half-way is made again.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from answerable.values.issue import Issue, Refused
from answerable.values.text import Language, Text

__all__ = ["DATABASE", "PASSWORD", "demo_now", "make", "refuse_production", "run"]

DATABASE = "demo.sqlite3"
PASSWORD = "answerable-2026"
"""Of all accounts of the demonstration: the site it opens answers to this machine only."""

_LOCAL = {"", "localhost", "127.0.0.1", "[::1]"}


def run(options: argparse.Namespace) -> int:
    """Make, tell, serve. The process becomes the server; it ends when the server is stopped."""
    system = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    language: Language = options.lang or ("zh" if system.startswith("zh") else "en")
    refuse_production(os.environ)
    if not options.no_serve:
        _refuse_taken(options.port)
    path = _path()
    os.environ["ANSWERABLE_DATABASE"] = str(path)
    os.environ["ANSWERABLE_DEMO_NOW"] = demo_now()
    make(path, language)
    print(_told(path, options.port, language), flush=True)
    if options.no_serve:
        return 0
    server = ["-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(options.port)]
    server += ["--blocking-threads", "4", "--backpressure", "64"]
    os.execv(sys.executable, [sys.executable, *server, "--log-level", "warning", "answerable.site.wsgi:application"])


def demo_now() -> str:
    """The moment the demonstration's clock starts at, as the settings want it."""
    from answerable.site.demo.calendar import NOW

    return NOW.isoformat()


def refuse_production(environment: Mapping[str, str]) -> None:
    """The demonstration has one known password: it never runs where anything says that the installation is real.

    Raises:
        Refused: naming every such setting.
    """
    real = [name for name in ("DATABASE_URL", "ANSWERABLE_DATABASE", "ANSWERABLE_SECRET_KEY") if environment.get(name)]
    real += ["ANSWERABLE_HTTPS"] if environment.get("ANSWERABLE_HTTPS") == "1" else []
    hosts = environment.get("ANSWERABLE_HOSTS", "").split(",")
    real += ["ANSWERABLE_HOSTS"] if set(hosts) - _LOCAL else []
    if real:
        raise Refused([Issue("demo.real_installation", facts={"setting": name}) for name in real])


def _refuse_taken(port: int) -> None:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused([Issue("demo.port_taken", facts={"port": str(port)})]) from error


def _path() -> Path:
    from answerable.site.settings import home

    return home() / DATABASE


def make(path: Path, language: Language = "en") -> bool:
    """Make the database at a path unless it is there and whole. Says what it does; tells whether it made anything."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.site.settings")
    django.setup()
    connection = connections["default"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(path)
    if path.exists():
        call_command("migrate", verbosity=0)
        if _is_whole():
            connection.close()
            return False
        connection.close()
    begun = time.monotonic()
    print(_MAKING.in_language(language), flush=True)
    part = path.with_name(f"{path.name}.part")
    for leftover in _files(path, part):
        leftover.unlink(missing_ok=True)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(part)
    call_command("migrate", verbosity=0)
    _load()
    connection.close()  # the last connection to close writes the log back into the one file
    part.replace(path)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(path)
    print(_MADE.in_language(language).format(path=path, seconds=round(time.monotonic() - begun)), flush=True)
    return True


def _files(*paths: Path) -> Iterator[Path]:
    for path in paths:
        yield from (path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal"))


def _is_whole() -> bool:
    """Whether the last thing that is made, the bulletin, is there."""
    from answerable.site.reads.notices import list_notices

    return bool(list_notices())


def _load() -> None:
    from answerable.site.demo.district import district
    from answerable.site.demo.load import load

    programme = resources.files("answerable.programmes").joinpath("family_services/programme.yaml")
    load(district(), programme.read_text("utf-8"), PASSWORD)


# -- words -----------------------------------------------------------------------------------------------------------

_MAKING = Text(
    zh="正在生成示范区：135个单位一年的责任书、月报表、核查和整改，约需半分钟。",
    en="Making the demonstration district: a year of 135 units, step by step. This takes about half a minute.",
)
_MADE = Text(zh="已生成 {path}，用时 {seconds} 秒。", en="Made {path} in {seconds} s.")
_ACCOUNTS = (
    ("office1  office2", Text(zh="项目办公室", en="programme office")),
    ("zg001 … zg135", Text(zh="各单位专干（报月报表）", en="specialist of each unit (files the returns)")),
    (
        "ld001 … ld135",
        Text(zh="各单位分管领导（签责任书）", en="responsible leader of each unit (signs the agreement)"),
    ),
    ("kh01 … kh12", Text(zh="考核员（现场核查）", en="inspector (makes the visits)")),
    ("lz01  lz02", Text(zh="领导小组（审定等次）", en="leading group (confirms the grades)")),
)
_TELL = Text(
    zh="演示时间从2026年2月3日10:00开始。所有账号的密码都是 {password}\n\n{accounts}\n\n"
    "地址：http://127.0.0.1:{port}（按 Ctrl+C 停止）\n要重新生成，请先删除 {path}。",
    en="It is 3 February 2026, 10:00, there. Every account has the password {password}\n\n{accounts}\n\n"
    "Address: http://127.0.0.1:{port} (stop with Ctrl+C)\nTo begin anew, delete {path}.",
)


def _told(path: Path, port: int, language: Language) -> str:
    accounts = "\n".join(f"  {names:18}{who.in_language(language)}" for names, who in _ACCOUNTS)
    words = _TELL.in_language(language)
    return words.format(password=PASSWORD, accounts=accounts, port=port, path=path)
