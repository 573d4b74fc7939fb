"""Headless Chromium, driven through Playwright, whose pages reach this machine only."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-sandbox",  # as root Chromium starts with nothing else; it sees our own pages only
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


class ChromiumMissingError(Exception):
    """This machine has no Chromium; the message says how to get one."""


def chromium_program() -> str:
    """Path of the system's Chromium. Raises ChromiumMissingError."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise ChromiumMissingError("no Chromium on this machine (Debian: apt-get install chromium)")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser with an empty profile of its own. Raises ChromiumMissingError.

    While it is open no other asyncio loop can run in this thread: tests that use it are plain functions.
    """
    program = chromium_program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def loopback_page(browser: Browser) -> Iterator[Page]:
    """An empty page seen from Berlin; leaving it raises AssertionError if it asked any other machine."""
    strangers: list[str] = []

    def admit(route: Route) -> None:
        if _is_here(route.request.url):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    def watch(socket_url: str) -> None:
        if not _is_here(socket_url):
            strangers.append(socket_url)

    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",  # their requests would pass by the route below
    )
    context.route("**/*", admit)
    context.on("page", lambda page: page.on("websocket", lambda socket: watch(socket.url)))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not strangers, f"the page asked other machines: {strangers}"


def screenshot(url: str, path: Path, *, ready: str | None = None) -> None:
    """Write a PNG of the whole page at `url`, once `ready` (a selector), if given, is to be seen on it."""
    with chromium() as browser, loopback_page(browser) as page:
        page.goto(url)
        if ready:
            page.wait_for_selector(ready)
        page.screenshot(path=path, full_page=True)


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"about", "blob", "data"} or parts.hostname in LOOPBACK
