"""A report's facts in, the whole page out: one file with its style, script and numbers, asking for nothing else."""

import base64
import hashlib
import json
from importlib.resources import files
from string import Template
from typing import Final

from antennactl import __version__
from antennactl.observe.report.cards import render_cards
from antennactl.observe.report.document import antenna_matrix, make_document
from antennactl.observe.report.facts import Facts
from antennactl.observe.report.markup import Markup, join, tag, text
from antennactl.observe.report.summary import render_summary
from antennactl.observe.report.words import moment_text, short_labels
from antennactl.rules.hours import HOUR

_BREAKS_OUT: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def render_page(facts: Facts) -> str:
    """Return the page as HTML.

    No text of outside can become an element or a script: all of it is escaped, and the page's own policy lets
    a browser run and style by nothing but the two blocks that it names by their hashes.
    """
    style, script = _part("page.css"), _part("page.js")
    span = facts.span
    topic = text(facts.topic or "no topic")
    return Template(_part("page.html")).substitute(
        version=__version__,
        title=join(("antennactl: ", topic, f", {moment_text(span.first)} to {moment_text(span.past)} UTC")),
        heading=join(("Antenna traffic ", tag("span", tag("bdi", topic), class_="topic"))),
        subtitle=text(
            f"{moment_text(span.first)} to {moment_text(span.past)} UTC. State of {moment_text(facts.now)} UTC."
        ),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        summary=render_summary(facts),
        hour_options=_hour_options(facts),
        antenna_options=_antenna_options(facts),
        cards=render_cards(facts),
        footer=text(f"Made by antennactl {__version__} from the ledger and its totals; all times are UTC."),
        facts=embed_json(make_document(facts)),
    )


def embed_json(document: object) -> str:
    """Return the document as JSON in which no text can end the element that it stands in."""
    dumped = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "".join(_BREAKS_OUT.get(character, character) for character in dumped)


def _part(file: str) -> str:
    return (files("antennactl.observe.report") / file).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _hour_options(facts: Facts) -> Markup:
    """Return the hours that have traffic, the newest first, under their days."""
    days: dict[str, list[Markup]] = {}
    held = set(facts.antennas["hour"])
    for position in range(len(facts.span.hours) - 1, -1, -1):
        hour = facts.span.hours[position]
        if hour in held:
            shown = tag("option", f"{hour.day} {hour:%b, %H:%M} to {hour + HOUR:%H:%M}", value=position)
            days.setdefault(f"{hour:%A}, {hour.day} {hour:%B %Y}", []).append(shown)
    return join(tag("optgroup", *options, label=day) for day, options in days.items())


def _antenna_options(facts: Facts) -> Markup:
    labels = short_labels(antenna_matrix(facts).names)
    return join(tag("option", label, value=number) for number, label in enumerate(labels))
