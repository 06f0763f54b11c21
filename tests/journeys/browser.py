"""The system's Chromium, and a visitor who looks at every page as it comes: its answer, its language, its width, and
whatever the browser complains of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, WebError, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "/usr/bin/chromium")
DESK, PHONE = (1366, 768), (375, 812)
LANGS = {"zh-CN": "zh-Hans", "en-GB": "en"}
"""What a browser asks for, and what a page then says it is in."""


def chromium() -> str | None:
    """Where the system's Chromium is, if it is installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def opened_browser(executable: str) -> Iterator[Browser]:
    """A browser with a fresh profile, shut at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Load:
    """One page as it came: who asked, where, and how long the server took."""

    who: str
    address: str
    milliseconds: float


@dataclass
class Visitor:
    """One person at one browser. `complaints` must stay empty; `loads` are measured, not judged."""

    page: Page
    site: str
    who: str
    lang: str
    width: int
    complaints: list[str] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._heard)
        self.page.context.on("weberror", self._failed)
        self.page.on("response", self._answered)

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{self.who} {self.path}: {said.text}")

    def _failed(self, error: WebError) -> None:
        self.complaints.append(f"{self.who} {self.path}: {error.error}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.complaints.append(f"{self.who} {answer.url}: {answer.status}")

    @property
    def path(self) -> str:
        """Where the visitor is, with the choice in the address."""
        at = urlsplit(self.page.url)
        return at.path + (f"?{at.query}" if at.query else "")

    def go(self, path: str) -> None:
        """Open an address of the site and look at the page."""
        answer = self.page.goto(f"{self.site}{path}")
        assert answer is not None and answer.status == 200, (self.who, path, answer and answer.status)
        times = answer.request.timing
        self.loads.append(Load(self.who, path, times["responseStart"] - times["requestStart"]))
        self.look()

    def press(self, selector: str) -> None:
        """Follow a link or press a button that leads to a page, and look at it."""
        with self.page.expect_navigation() as leading:
            self.page.click(selector)
        answer = leading.value
        assert answer.status < 400, (self.who, selector, answer.url, answer.status)
        self.look()

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, typed in fields.items():
            self.page.fill(f'main [name="{name}"]', typed)

    def choose(self, name: str, value: str) -> None:
        """Choose one of the options of a field."""
        self.page.select_option(f'main select[name="{name}"]', value)

    def words(self, selector: str = "main") -> str:
        """What stands there to be read, with single spaces."""
        return " ".join(self.page.inner_text(selector).split())

    def look(self) -> None:
        """The page is in the visitor's language and no wider than the window."""
        said = self.page.get_attribute("html", "lang")
        assert said == self.lang, (self.who, self.path, said)
        assert self.overflow() <= 0, (self.who, self.path, f"{self.overflow()} px too wide at {self.width}")

    def overflow(self) -> int:
        """How far the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        return wide - self.width

    def resize(self, size: tuple[int, int]) -> None:
        """Turn to another screen."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.width = size[0]

    def sign_in(self, password: str) -> None:
        """Sign in under the visitor's own name."""
        self.go("/accounts/login/")
        self.fill(login=self.who, password=password)
        self.press("main button.first")
        assert self.path == "/", self.words()

    def leave(self) -> list[Load]:
        """Shut the window; nothing the browser complained of may be left."""
        self.page.context.close()
        assert self.complaints == []
        return self.loads


@contextmanager
def visiting(
    browser: Browser,
    site: str,
    who: str = "",
    password: str = "",
    locale: str = "zh-CN",
    size: tuple[int, int] = DESK,
    scripts: bool = True,
) -> Iterator[Visitor]:
    """A visitor in a window of his own, signed in where a password is given."""
    context = browser.new_context(
        locale=locale,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=scripts,
        accept_downloads=True,
        reduced_motion="reduce",
    )
    visitor = Visitor(context.new_page(), site, who, LANGS[locale], size[0])
    try:
        if password:
            visitor.sign_in(password)
        yield visitor
    except BaseException:
        context.close()
        raise
    visitor.leave()
