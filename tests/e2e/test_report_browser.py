"""The report in a real Chromium that has no network: it draws, filters, fits and speaks, and no name runs as code."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from antennactl.observe.report.page import render_page
from antennactl.observe.report.span import Span
from system_packages import find_chromium
from unit.observe.report_facts import FIRST, HOSTILE, make_facts

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHARTS = (
    "traffic",
    "heat",
    "quota",
    "shares",
    "apps",
    "speed",
    "events",
    "rejects",
    "late",
    "busy",
    "arrivals",
)
WAYS = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start the machine's Chromium; the driver's own downloads are not used."""
    chromium = find_chromium()
    assert chromium, "no Chromium found: apt-get install chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=FLAGS, downloads_path=tmp_path_factory.mktemp("downloads")
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Give a function that opens facts as a page; at the end nothing may have failed in it or left it."""
    contexts, faults, asked = [], [], []

    def open_page(
        *, scheme: Any = "light", width: int = 1280, fragment: str = "", script: bool = True, **facts: Any
    ) -> Page:
        file = tmp_path / "report.html"
        file.write_text(render_page(make_facts(**facts)), encoding="utf-8")
        context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
            offline=True,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri() + fragment)
        if script:
            page.wait_for_selector("html[data-ready=yes]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
    assert {url.partition("#")[0] for url in asked} <= {(tmp_path / "report.html").as_uri(), "data:,"}


@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_axe_finds_nothing_serious(opened: Open, scheme: str, width: int) -> None:
    page = opened(scheme=scheme, width=width)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_is_no_wider_than_the_screen(opened: Open, width: int) -> None:
    page = opened(width=width, names=("an-antenna-with-a-name-that-is-very-long-" * 5, "south"))
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_every_picture_is_drawn(opened: Open) -> None:
    page = opened()
    for chart in CHARTS:
        assert page.locator(f"#plot-{chart} svg rect").count() > 1, chart
    assert "busy hour 07:00, 3.00 kB" in page.locator("#plot-traffic").inner_text()


def test_dark_mode_follows_the_system(opened: Open) -> None:
    colours = [
        opened(scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    brightness = [sum(map(int, re.findall(r"\d+", colour))) for colour in colours]
    assert brightness[0] > 600
    assert brightness[1] < 150


def test_names_run_as_no_code_and_are_shown_as_they_are(opened: Open) -> None:
    page = opened(names=HOSTILE)
    page.select_option("#hour", "0")
    page.select_option("#antenna", "0")
    page.hover("#plot-heat rect >> nth=0")
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0
    assert page.title().startswith(f"antennactl: {HOSTILE[0]},")
    assert HOSTILE[0] in page.locator("#tip").inner_text()
    assert "עמית רדיו" in page.locator("#quota ~ .plot").inner_text()


def test_hovering_shows_values(opened: Open) -> None:
    page = opened()
    page.locator("#plot-traffic").scroll_into_view_if_needed()
    page.hover("#plot-traffic", position={"x": 100, "y": 100})
    shown = page.locator("#tip").inner_text()
    for words in ("24 Nov, 06:00 to 07:00", "north", "1.00 kB", "south", "2.00 kB", "3.00 kB"):
        assert words in shown
    page.mouse.move(2, 2)
    assert page.locator("#tip").is_hidden()


def test_filters_work_by_keyboard_alone(opened: Open) -> None:
    page = opened()
    page.locator("#antenna").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#legend-traffic").inner_text().split() == ["north"]
    assert "all hours, north" in page.locator("#say").inner_text()
    assert page.url.endswith("#antenna=north")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#legend-traffic").inner_text().split() == ["north", "south"]


def test_a_picture_is_walked_by_arrow_keys_and_filters_by_enter(opened: Open) -> None:
    page = opened()
    page.locator("#plot-heat").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert "south. 24 Nov, 07:00 to 08:00 2.00 kB" in page.locator("#say").inner_text()
    page.keyboard.press("Enter")
    assert [page.input_value("#antenna"), page.input_value("#hour")] == ["1", "1"]
    page.keyboard.press("Escape")
    assert [page.input_value("#antenna"), page.input_value("#hour")] == ["", ""]


def test_an_hour_shows_its_own_users(opened: Open) -> None:
    page = opened()
    page.select_option("#hour", "0")
    assert "100.10 %" in page.locator("#plot-quota").inner_text()
    page.select_option("#hour", "1")
    assert "No user with a quota" in page.locator("#plot-quota").inner_text()


def test_the_address_keeps_the_filter(opened: Open) -> None:
    page = opened(fragment=f"#hour={int(FIRST.timestamp())}&antenna=south")
    assert [page.input_value("#antenna"), page.input_value("#hour")] == ["1", "0"]


def test_without_a_script_the_facts_and_tables_are_there(opened: Open) -> None:
    page = opened(script=False)
    for words in ("All is well", "north@mail", "100.10 %", "need JavaScript"):
        assert words in page.locator("main").inner_text()
    assert page.locator("#filters").is_hidden()
    page.locator("#traffic ~ details summary").click()
    assert page.get_by_role("region", name="Antennas by bytes").is_visible()


def test_a_month_and_many_antennas_are_drawn_on_a_phone(opened: Open) -> None:
    hours = [FIRST + timedelta(hours=i) for i in range(744)]
    totals = pl.concat(
        [
            make_facts().antennas.clear(),
            pl.DataFrame(
                [(hour, rank, None if rank > 50 else f"antenna-{rank:04}", 10**9 // rank, 1 if rank <= 50 else 4950)
                 for rank in range(1, 52) for hour in hours],
                schema=make_facts().antennas.schema, orient="row",
            ),
        ]
    )  # fmt: skip
    page = opened(width=360, span=Span(hours), antennas=totals)
    assert page.locator("#plot-heat rect").count() > 50 * 744
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert len(page.content().encode()) < 12_000_000
