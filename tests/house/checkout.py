"""The checkout as the tests of the house see it: its files, its modules, its rooms."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "answerable"


@cache
def files() -> tuple[Path, ...]:
    """Every file that is committed or about to be, in order."""
    # A checkout owned by another user is still this checkout.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file()))


@cache
def text_files() -> dict[str, str]:
    """The text of every file that is text, by its path from the root."""
    texts = {}
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            texts[name_of(path)] = content.decode("utf-8")
    return texts


@cache
def modules() -> dict[str, ast.Module]:
    """The syntax of every Python file of the package but migrations, by its path from the root."""
    found = {name_of(path): path for path in files() if path.suffix == ".py" and PACKAGE in path.parents}
    return {name: ast.parse(path.read_text("utf-8")) for name, path in found.items() if "/migrations/" not in name}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
