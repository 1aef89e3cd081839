"""A report's facts in, its first screen out: verdict, numbers, users over quota, busiest antennas."""

from antennactl.observe.report.document import Matrix, antenna_matrix
from antennactl.observe.report.facts import Facts
from antennactl.observe.report.markup import Markup, bar, join, name, table, tag
from antennactl.observe.report.verdict import Check, find_checks, headline
from antennactl.observe.report.words import amount, count, hour_text, percent, short_labels

_MOST_USERS = 6
_MOST_ANTENNAS = 8
_ICONS = {"good": "\N{HEAVY CHECK MARK}", "warn": "!", "info": "i"}
_SPOKEN = {"good": "good", "warn": "needs a look", "info": "for information"}


def render_summary(facts: Facts) -> Markup:
    """Return the first screen. It is plain HTML and needs no script."""
    checks = find_checks(facts)
    antennas = antenna_matrix(facts)
    return join(
        (
            _verdict(checks),
            _tiles(facts, antennas),
            tag("div", _violators(facts), _busiest(facts, antennas), class_="pair"),
        )
    )


def busy_hour(row: list[int | None]) -> int:
    """Return the position of the hour with the most bytes, the first of equals."""
    return max(range(len(row)), key=lambda position: row[position] or 0)


def violator_rows(facts: Facts, most: int) -> list[list[object]]:
    """Return the worst violators as rows of a table, as many as are wanted."""
    return [
        [
            join(
                (name(row["name"] or row["email"]), tag("small", name(row["email"])) if row["name"] else "")
            ),
            join((hour_text(row["hour"]), tag("small", count(row["n_hours"], "hour") + " over"))),
            join((amount(row["usage"]), tag("small", f"of {amount(row['quota'])}"))),
            tag("strong", percent(row["usage"], row["quota"]), class_="over"),
        ]
        for row in facts.violators.head(most).iter_rows(named=True)
    ]


VIOLATOR_COLUMNS = ("user", "worst hour", "used", "of quota")


def _verdict(checks: list[Check]) -> Markup:
    state = "warn" if any(check.state == "warn" for check in checks) else "good"
    items = join(
        tag(
            "li",
            tag("span", _ICONS[check.state], class_=f"icon {check.state}", aria_hidden="true"),
            tag(
                "div",
                tag("span", f"{_SPOKEN[check.state]}: ", class_="hidden"),
                tag("b", check.title),
                tag("span", check.text),
            ),
        )
        for check in checks
    )
    title = tag(
        "h2",
        tag("span", _ICONS[state], class_=f"icon {state}", aria_hidden="true"),
        headline(checks),
        id="verdict",
    )
    return tag("section", title, tag("ul", items), class_=f"verdict {state}", aria_labelledby="verdict")


def _tiles(facts: Facts, antennas: Matrix) -> Markup:
    by_hour = [sum(row[position] or 0 for row in antennas.rows) for position in range(len(facts.span.hours))]
    busiest = busy_hour([*by_hour])
    batches = facts.micro_batches
    events, rejects, late = (int(batches[column].sum()) for column in ("n_events", "n_rejects", "n_late"))
    n_over = int(facts.violators["n_violators"][0]) if facts.violators.height else 0
    hours = facts.span.hours
    tiles = (
        (
            "Traffic",
            amount(sum(by_hour)),
            f"in {count(len(hours), 'hour')}, {count(events, 'event')} committed",
        ),
        ("Busy hour", hour_text(hours[busiest]), f"UTC, {amount(by_hour[busiest])}"),
        ("Users over quota", f"{n_over:,}", f"of {facts.n_users:,}, in closed hours"),
        (
            "Rejected",
            f"{rejects:,}",
            f"{_share(rejects, events + rejects)}; {count(late, 'late event')}",
        ),
    )
    items = join(
        tag("div", tag("dt", title), tag("dd", tag("b", number), tag("span", more)))
        for title, number, more in tiles
    )
    return tag("dl", items, class_="tiles")


def _share(part: int, whole: int) -> str:
    if not whole:
        return "no messages"
    share = 100 * part / whole
    # Few of many are not none.
    shown = f"{share:.1f}" if share >= 0.1 or not part else f"{share:.2f}" if share >= 0.01 else "under 0.01"  # noqa: PLR2004
    return f"{shown} % of messages"


def _violators(facts: Facts) -> Markup:
    title = tag("h2", "Over quota", id="over")
    rows = violator_rows(facts, _MOST_USERS)
    if not rows:
        inside = tag("p", "Nobody was over quota in a closed hour.")
    else:
        inside = table("Users furthest over their quota", VIOLATOR_COLUMNS, rows, "ttnn")
    n_over = int(facts.violators["n_violators"][0]) if rows else 0
    more = (
        tag("p", tag("a", f"all {n_over:,} users over quota", href="#quota"), class_="more")
        if n_over > _MOST_USERS
        else ""
    )
    return tag("section", title, inside, more, class_="card brief", aria_labelledby="over")


def _busiest(facts: Facts, antennas: Matrix) -> Markup:
    sums, labels = antennas.sums, short_labels(antennas.names)
    total = sum(sums) or 1
    rows = [
        [
            tag("bdi", labels[number], title=antennas.names[number]),
            join(
                (
                    bar(sums[number] / (sums[0] or 1), "fill"),
                    f"{sums[number] / total:.1%}".replace("%", "\N{NO-BREAK SPACE}%"),
                )
            ),
            amount(sums[number]),
            hour_text(facts.span.hours[busy_hour(antennas.rows[number])]),
        ]
        for number in range(min(_MOST_ANTENNAS, len(antennas.names)))
    ]
    made = table("Antennas with the most bytes", ("antenna", "share", "bytes", "busy hour"), rows, "ttnt")
    more = (
        tag("p", tag("a", "all antennas", href="#traffic"), class_="more")
        if len(antennas.rows) > _MOST_ANTENNAS
        else ""
    )
    return tag(
        "section",
        tag("h2", "Busiest antennas", id="busiest"),
        made,
        more,
        class_="card brief",
        aria_labelledby="busiest",
    )
