"""The browser of the tests shows our pages and notices when they ask another machine."""

import pytest
from playwright.sync_api import Browser, Page

from tests.support.chromium import loopback_page

pytestmark = pytest.mark.browser


def test_a_page_is_drawn(page: Page) -> None:
    page.set_content("<h1>Mahnlauf</h1>")
    assert page.inner_text("h1") == "Mahnlauf"


@pytest.mark.parametrize(
    "content",
    [
        "<img src='http://192.0.2.1/pixel.png'>",
        "<link rel='stylesheet' href='https://fonts.example/a.css'>",
        "<script>new WebSocket('ws://192.0.2.1/events')</script>",
        "<script>fetch('https://config.example/')</script>",
    ],
    ids=["picture", "style sheet", "socket", "script's request"],
)
def test_a_request_to_another_machine_is_refused_and_told(browser: Browser, content: str) -> None:
    with pytest.raises(AssertionError, match="other machines"), loopback_page(browser) as page:  # noqa: PT012
        page.set_content(content)
        page.wait_for_load_state("networkidle")
