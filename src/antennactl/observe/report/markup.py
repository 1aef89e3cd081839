"""Texts and rows in, HTML out: everything is escaped but what was made here."""

from collections.abc import Iterable, Sequence
from html import escape as escape_html

from antennactl.observe.output import escape


class Markup(str):
    """HTML that is whole and safe: what is no Markup is text and gets escaped."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Return a value as text that cannot be read as HTML, hidden characters made visible; Markup stays as it is."""
    return value if isinstance(value, Markup) else Markup(escape_html(escape(str(value))))


def join(parts: Iterable[object], between: str = "") -> Markup:
    """Return the parts one after the other."""
    return Markup(Markup(between).join(text(part) for part in parts))


def tag(name: str, *inside: object, **attributes: object) -> Markup:
    """Return an element; an attribute's `_` stands for `-`, a trailing one is dropped, None leaves it out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{given}>{join(inside)}</{name}>")


def name(value: str | None) -> Markup:
    """Return a name from outside, kept apart from the direction in which the text around it runs."""
    return tag("bdi", value) if value else tag("span", "(none)", class_="muted")


def table(caption: str, headers: Sequence[str], rows: Sequence[Sequence[object]], numbers: str) -> Markup:
    """Return a table whose first column names the rows; `numbers` has an n for each column that is set right."""
    kinds = ["number" if kind == "n" else None for kind in numbers]
    head = join(
        tag("th", title, scope="col", class_=kind) for title, kind in zip(headers, kinds, strict=True)
    )
    body = join(
        tag(
            "tr",
            tag("th", row[0], scope="row", class_=kinds[0]),
            *(tag("td", cell, class_=kind) for cell, kind in zip(row[1:], kinds[1:], strict=True)),
        )
        for row in rows
    )
    made = tag("table", tag("caption", caption), tag("thead", tag("tr", head)), tag("tbody", body))
    # A wide table scrolls by itself, and what scrolls has to be reached by the keyboard.
    return tag("div", made, class_="scroll", tabindex="0", role="region", aria_label=caption)


def bar(share: float, kind: str) -> Markup:
    """Return a small bar filled to `share` of its width; it says nothing that a number beside it does not."""
    width = max(0.0, min(1.0, share)) * 100
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="8"/><rect class="{kind}" width="{width:.1f}" height="8"/></svg>'
    )
