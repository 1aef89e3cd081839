"""The page as text: whole, self-contained, and never anything but text where names are."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.observe.report.document import batch_bins, make_document
from antennactl.observe.report.facts import NoEnds
from antennactl.observe.report.page import embed_json, render_page
from unit.observe.report_facts import FIRST, HOSTILE, make_facts


class Elements(HTMLParser):
    """Collects the elements of a page, and the attributes that a name may have made."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value for name, value in attrs if name in {"href", "src"}]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_adds_no_element_and_no_attribute(name: str) -> None:
    plain, hostile = (Elements(render_page(make_facts((first, "south")))) for first in ("north", name))
    assert hostile.tags == plain.tags
    assert hostile.attributes <= plain.attributes | {"title"}


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_embedded_json_cannot_end_its_element_and_reads_back(text: str) -> None:
    embedded = embed_json({"name": text})
    assert not re.search(r"[<>&\u2028\u2029]", embedded)
    assert json.loads(embedded) == {"name": text}


def test_hidden_characters_are_shown() -> None:
    page = render_page(make_facts(HOSTILE))
    assert not set("\u202e\x00") & set(page)
    assert "\\u202egnp.exe" in page


def test_the_page_asks_for_nothing() -> None:
    page = render_page(make_facts())
    assert {value for value in Elements(page).addresses if value and not value.startswith("#")} == {"data:,"}
    assert not re.search(r"@import|url\(|\bfetch\(|XMLHttpRequest|\beval\(|innerHTML", page)
    assert re.findall(r"https?://[^\"'\s]*", page) == ["http://www.w3.org/2000/svg"]


def test_the_first_screen_needs_no_script() -> None:
    above = render_page(make_facts()).split('<form id="filters"')[0]
    for words in ("All is well", "Users over quota", "north", "south@mail", "busy hour", "100.20 %"):
        assert words in above


def test_the_page_has_a_language_a_heading_and_no_heading_skipped() -> None:
    page = render_page(make_facts())
    assert '<html lang="en">' in page
    assert re.findall(r"<h(\d)", page)[0] == "1"
    assert set(re.findall(r"<h(\d)", page)) == {"1", "2"}


def test_a_page_without_users_batches_or_kafka_is_whole() -> None:
    bare = make_facts()
    empty = {
        name: getattr(bare, name).clear()
        for name in (
            "quota_use",
            "quota_shares",
            "violators",
            "runs",
            "micro_batches",
            "arrivals",
            "rejects",
            "workers",
        )
    }
    page = render_page(
        make_facts(**empty, lags=NoEnds("Kafka was not <reached>"), states={}, topic=None, n_users=0)
    )
    assert "Nobody was over quota" in page
    assert page.count("Kafka was not &lt;reached&gt;") == 2
    assert page.rstrip().endswith("</html>")


def test_the_document_has_a_value_a_key_and_hour() -> None:
    document = make_document(make_facts())
    assert document["hours"] == [int(FIRST.timestamp()), int(FIRST.timestamp()) + 3600]
    assert document["antennas"]["rows"] == [[1000, 1001], [2000, 2001]]
    assert document["speed"]["speed"] == document["speed"]["batch"] == [3000, 3000]
    assert document["quota"]["shares"] == {0: [0, 0, 0, 0, 1, 1, 0, 0], 1: [0] * 8}


def test_micro_batches_are_summed_into_few_bins() -> None:
    batches = make_facts().micro_batches
    many = batches.select(
        moments(batches, 5000), *(batches[name].extend_constant(1, 4994) for name in batches.columns[1:])
    )
    bins = batch_bins(many)
    assert bins.height <= 121
    assert bins["n"].sum() == 5000
    assert bins["events"].sum() == many["n_events"].sum()


def moments(batches: pl.DataFrame, n: int) -> pl.Series:
    times = [FIRST + timedelta(seconds=10 * i) for i in range(n)]
    return pl.Series("committed_at", times, dtype=batches["committed_at"].dtype)
