"""A report's facts in, its pictures' places out: each with a sentence, a plot for the script, and all as a table."""

from collections.abc import Mapping, Sequence

from antennactl.observe.report.document import (
    Matrix,
    antenna_matrix,
    app_matrix,
    arrival_counts,
    batch_bins,
    share_labels,
)
from antennactl.observe.report.facts import MOST_VIOLATORS, Facts, NoEnds
from antennactl.observe.report.markup import Markup, join, name, table, tag
from antennactl.observe.report.span import READ_BUDGET
from antennactl.observe.report.summary import VIOLATOR_COLUMNS, busy_hour, violator_rows
from antennactl.observe.report.verdict import drifting_hours
from antennactl.observe.report.words import amount, count, hour_text


def render_cards(facts: Facts) -> Markup:
    """Return every card in the order of the page."""
    antennas = antenna_matrix(facts)
    return join(
        (
            _traffic(facts, antennas),
            _heat(facts, antennas),
            tag("div", _quota(facts), tag("div", _shares(facts), _arrivals(facts)), class_="pair wide-first"),
            tag("div", _apps(facts), _speed(facts), class_="pair"),
            tag("div", _health(facts), _rejects(facts), class_="pair"),
        )
    )


def _card(key: str, title: str, sentence: object, plots: Sequence[tuple[str, str]], *more: object) -> Markup:
    """Return a card; `plots` are the places that the script fills, by their id and what they show."""
    places = join(
        tag("div", id=f"plot-{plot}", class_="plot", role="group", aria_label=label) for plot, label in plots
    )
    heading = tag("h2", title, id=key)
    legend = tag("div", id=f"legend-{key}", class_="legend")
    return tag(
        "section",
        heading,
        tag("p", sentence, class_="lead"),
        legend,
        places,
        *more,
        class_="card",
        aria_labelledby=key,
    )


def _details(summary: str, made: Markup) -> Markup:
    return tag("details", tag("summary", summary), made)


def _traffic(facts: Facts, antennas: Matrix) -> Markup:
    step = "hour" if facts.bin_s == 3600 else f"{facts.bin_s // 60} minutes"  # noqa: PLR2004 - seconds of an hour
    sums = antennas.sums
    rows: list[list[object]] = [
        [
            name(key),
            amount(total),
            hour_text(facts.span.hours[busy_hour(row)]),
            amount(max(v or 0 for v in row)),
        ]
        for key, total, row in zip(antennas.names, sums, antennas.rows, strict=False)
    ]
    if antennas.n_others:
        rows.append([f"about {antennas.n_others:,} others", amount(sums[-1]), "", ""])
    made = table("Antennas by bytes", ("antenna", "bytes", "busy hour", "bytes in it"), rows, "tntn")
    sentence = f"Bytes in each {step}, the busiest antennas by colour. The busy hour is marked."
    label = f"Chart: bytes of each antenna, each {step}"
    return _card(
        "traffic", "Traffic over time", sentence, [("traffic", label)], _details("Antennas as a table", made)
    )


def _heat(facts: Facts, antennas: Matrix) -> Markup:
    rows = [
        [
            hour_text(hour),
            facts.states.get(hour, "no files"),
            amount(sum(row[position] or 0 for row in antennas.rows)),
            name(_busiest_in(antennas, position)),
        ]
        for position, hour in enumerate(facts.span.hours)
        if any(row[position] is not None for row in antennas.rows)
    ]
    made = table("Hours", ("hour", "state", "bytes", "busiest antenna"), rows, "ttnt")
    rest = f" The {len(antennas.names)} busiest; the others are left out." if antennas.n_others else ""
    sentence = (
        f"The stronger the colour, the more bytes. Choose a cell to filter by its hour and antenna.{rest}"
    )
    label = "Heat map: bytes of each antenna in each hour"
    return _card("heat", "Antennas by hour", sentence, [("heat", label)], _details("Hours as a table", made))


def _busiest_in(antennas: Matrix, position: int) -> str | None:
    values = [row[position] or 0 for row in antennas.rows[: len(antennas.names)]]
    return antennas.names[values.index(max(values))] if values else None


def _quota(facts: Facts) -> Markup:
    n_over = int(facts.violators["n_violators"][0]) if facts.violators.height else 0
    listed = f", the {MOST_VIOLATORS} furthest over are listed" if n_over > MOST_VIOLATORS else ""
    made = table(
        "Users over quota in closed hours", VIOLATOR_COLUMNS, violator_rows(facts, MOST_VIOLATORS), "ttnn"
    )
    which = ""
    if len(facts.user_hours) < len(facts.span.hours):
        newest = count(len(facts.user_hours), "hour")
        which = f" Read for the newest {newest} alone, which is about {READ_BUDGET:,} users."
    sentence = f"The users nearest to their quota an hour, or over it; lines at 80 and 100 %.{which}"
    over = _details(f"{count(n_over, 'user')} over quota as a table{listed}", made) if n_over else ""
    return _card("quota", "Quota use", sentence, [("quota", "Chart: users by share of their quota")], over)


def _shares(facts: Facts) -> Markup:
    labels = share_labels()
    counts = dict(facts.quota_shares.group_by("share").sum().select("share", "n_users").iter_rows())
    rows = [[label, f"{counts.get(number, 0):,}"] for number, label in enumerate(labels)]
    made = table(
        "Users and hours by share of the quota", ("share of quota", "users, hour by hour"), rows, "tn"
    )
    sentence = "How many users used which share of their quota; a user counts once an hour."
    label = "Chart: number of users by share of their quota"
    return _card(
        "shares", "All users by quota use", sentence, [("shares", label)], _details("As a table", made)
    )


def _apps(facts: Facts) -> Markup:
    apps = app_matrix(facts)
    total = sum(apps.sums) or 1
    names = [*map(name, apps.names), *(["all others"] if apps.n_others else [])]
    rows = [
        [key, amount(n), f"{n / total:.1%}".replace("%", " %")]
        for key, n in zip(names, apps.sums, strict=True)
    ]
    made = table("Apps by bytes", ("app", "bytes", "share"), rows, "tnn")
    sentence = "Each app's share of the hour's bytes, over all antennas."
    return _card(
        "apps",
        "Apps",
        sentence,
        [("apps", "Chart: share of each app in each hour")],
        _details("As a table", made),
    )


def _speed(facts: Facts) -> Markup:
    drifting = set(drifting_hours(facts.runs))
    rows = [
        [
            hour_text(row["hour"]),
            f"{row['n_rows']:,}",
            amount(row["sum_bytes"]),
            *(
                "-" if row[column] is None else f"{row[column]:+,}" if row[column] else "0"
                for column in _DRIFTS
            ),
        ]
        for row in facts.runs.iter_rows(named=True)
    ]
    headers = ("hour", "events", "bytes", "antennas", "users", "apps")
    made = table("Live minus batch totals, in bytes", headers, rows, "tnnnnn")
    verdict = f"They differ in {count(len(drifting), 'hour')}." if drifting else "They differ in no hour."
    sentence = f"The hour's bytes as the batch found them in the lake, with a line where the live totals are. {verdict}"
    label = "Chart: bytes of each hour by live totals and by batch"
    details = _details("Differences as a table", made) if rows else ""
    return _card("speed", "Speed against batch", sentence, [("speed", label)], details)


_DRIFTS = ("drift_antenna", "drift_user", "drift_app")


def _health(facts: Facts) -> Markup:
    rows = [
        [
            f"{hour_text(row['at'])}:{row['at']:%S}",
            *(f"{row[column]:,}" for column in ("n", "events", "rejects", "late", "unknown")),
            f"{row['busy_ms']:,.0f} / {row['slowest_ms']:,.0f}",
        ]
        for row in batch_bins(facts.micro_batches).iter_rows(named=True)
    ]
    headers = ("committed", "batches", "events", "rejected", "late", "unknown user", "ms median / slowest")
    made = table("Micro-batches by time of commit", headers, rows, "tnnnnnn")
    sentence = (
        f"{count(facts.micro_batches.height, 'micro-batch', 'micro-batches')}, by the time of their commit."
    )
    plots = [
        ("events", "Chart: events committed"),
        ("rejects", "Chart: rejected messages"),
        ("late", "Chart: late events"),
        ("busy", "Chart: working time of a micro-batch"),
    ]
    return _card("health", "Micro-batches", sentence, plots, _details("As a table", made))


def _arrivals(facts: Facts) -> Markup:
    labels, counts = arrival_counts(facts)
    rows = [[label, f"{n:,}"] for label, n in zip(labels, counts, strict=True)]
    made = table("Events by commit after the end of their hour", ("committed", "events"), rows, "tn")
    sentence = (
        "When events were committed, counted from the end of their hour: how long to wait for late ones."
    )
    label = "Chart: events by how long after the end of their hour they were committed"
    return _card("arrivals", "Lateness", sentence, [("arrivals", label)], _details("As a table", made))


def _rejects(facts: Facts) -> Markup:
    rejects = table(
        "Rejected messages by reason",
        ("reason", "open", "replayed", "since"),
        [
            [
                row["reason"],
                f"{row['n_open']:,}",
                f"{row['n_replayed']:,}",
                hour_text(row["first_rejected_at"]),
            ]
            for row in facts.rejects.iter_rows(named=True)
        ],
        "tnnt",
    )
    return _card(
        "rejected",
        "Rejects and lag",
        "All that the ledger keeps, whatever the hours shown.",
        [],
        rejects if facts.rejects.height else tag("p", "No message was rejected."),
        _lags(facts.lags),
    )


def _lags(lags: Mapping[int, int] | NoEnds) -> Markup:
    if isinstance(lags, NoEnds):
        return tag("p", f"The lag is not known: {lags.why}.")
    rows = [[f"{part}", f"{lag:,}"] for part, lag in lags.items()]
    return table("Messages still to read", ("partition", "messages left"), rows, "tn")
