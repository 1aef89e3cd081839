"""Every query of the dashboard answers the reader's role on a database with data, in the shape that its panel needs."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from antennactl import sql
from antennactl.ledger.connection import Database
from deploy_files import DEPLOY
from e2e.antennactl_process import World

DASHBOARD = json.loads((DEPLOY / "grafana" / "antennactl.json").read_text())
TARGETS = [
    (f"{panel['id']} {panel['title']}", panel, target)
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
]
# Grafana's own words for the time shown, as its PostgreSQL source puts them.
MACROS = {
    r"\$__timeFilter\(([^()]+)\)": r"\1 BETWEEN '{start}' AND '{end}'",
    r"\$__timeFrom\(\)": "'{start}'",
    r"\$__timeTo\(\)": "'{end}'",
}
HOUR = datetime(2022, 10, 31, 17, tzinfo=UTC)


def expanded(text: str, start: datetime, end: datetime) -> str:
    """Return a query as Grafana sends it."""
    for macro, meaning in MACROS.items():
        replaced = meaning.format(start=f"{start:%Y-%m-%dT%H:%M:%SZ}", end=f"{end:%Y-%m-%dT%H:%M:%SZ}")
        text = re.sub(macro, replaced, text)
    assert "$" not in text
    return text


def answers(world: World, start: datetime, end: datetime) -> dict[str, pl.DataFrame]:
    """Return what each query answers to a login that has the reader's rights and no others."""
    found = {}
    with Database(world.dsn) as database:
        for name, _, target in TARGETS:
            with database.transaction() as transaction:
                transaction.script("SET LOCAL ROLE antennactl_reader")
                transaction.script("SET LOCAL TIME ZONE 'Asia/Kathmandu'")  # Grafana's server may be anywhere
                found[name] = transaction.query_text(expanded(target["rawSql"], start, end))
    return found


def test_every_query_answers_the_reader(world: World) -> None:
    words = ("--start", f"{HOUR:%Y-%m-%dT%H}", "--span", "2h", "--malformed", "0.1", "--late", "0.2")
    world.run("simulate", "--messages", "3000", "--unknown", "0.1", *words)
    world.run("stream", "--drain", "--max-rows", "500")
    world.run("batch", "--catch-up")
    with Database(world.dsn) as database, database.transaction() as transaction:
        transaction.script(sql.statement("postgres/roles/roles"))
        # Two users over quota in the second hour, whatever the seed says, and one of them live.
        transaction.script(
            "INSERT INTO public.user_quota_limit SELECT email, quota + 1, quota, "
            f"timestamptz '{HOUR + timedelta(hours=1)}' FROM public.user_metadata ORDER BY id LIMIT 2"
        )
    then = answers(world, HOUR - timedelta(hours=12), HOUR + timedelta(hours=1, minutes=59))
    now = answers(world, datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(minutes=1))
    for name, panel, target in TARGETS:
        # What is shown by event time is there in 2022, what by the clock of the run now.
        rows = then[name] if then[name].height else now[name]
        assert rows.height, name
        check_shape(name, panel, target, rows)
    titled = {panel["title"]: then[name] for name, panel, _ in TARGETS}
    recent = {panel["title"]: now[name] for name, panel, _ in TARGETS}
    check_numbers(world, titled, recent)


def check_shape(name: str, panel: dict[str, Any], target: dict[str, Any], rows: pl.DataFrame) -> None:
    if panel["type"] == "stat":
        assert rows.shape == (1, 1), name
        assert rows.dtypes[0].is_numeric(), name
        assert rows.item() is not None, name
    elif target["format"] == "time_series":
        assert rows.columns[0] == "time", name
        assert isinstance(rows.dtypes[0], pl.Datetime), name
        assert rows["time"].is_sorted(), name
        rest = rows.drop("time", *(["metric"] if "metric" in rows.columns else []))
        assert all(dtype.is_numeric() for dtype in rest.dtypes), name
        keys = [column for column in ("time", "metric") if column in rows.columns]
        assert not rows.select(keys).is_duplicated().any(), name


def check_numbers(world: World, then: dict[str, pl.DataFrame], now: dict[str, pl.DataFrame]) -> None:
    """Hold what the panels show against the lake."""
    lake = world.lake_rows()
    n_bytes = sum(int(str(row[3])) for row in lake)
    assert then["Live traffic by app"]["value"].sum() == n_bytes
    both = then["Speed and batch"].group_by("metric").agg(pl.col("value").sum()).rows()
    assert dict(both) == {"live": n_bytes, "batch": n_bytes}
    assert set(then["Hours"]["state"]) == {"current"}
    assert set(then["Hours"]["drift"]) == {0}
    assert then["Hours"]["rows"].sum() == len(lake)
    assert then["Hours that wait for batch"].item() == 0
    assert then["Users over quota"].height >= 2
    letters = world.query("SELECT count(*) FROM antennactl.dead_letter").item()
    assert letters == then["Open dead letters"].item() == now["Rejected by reason"]["value"].sum()
    assert now["Messages"]["events"].sum() == len(lake)
    assert now["Messages"]["rejected"].sum() == letters
    assert then["Partitions"]["partition"].to_list() == [0, 1, 2, 3]
    assert {"decode", "totals", "stage"} <= set(now["Time per stage"]["metric"])


def test_the_dashboard_is_one_that_grafana_can_file() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert DASHBOARD["uid"] == "antennactl"
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource"]
    for name, panel, target in TARGETS:
        assert panel["datasource"]["uid"] == target["datasource"]["uid"] == "${datasource}", name
        assert panel["description"].endswith("."), name


@pytest.mark.parametrize("panel", DASHBOARD["panels"], ids=lambda panel: panel["title"])
def test_no_panel_lies_over_another(panel: dict[str, Any]) -> None:
    def cells(of: dict[str, Any]) -> set[tuple[int, int]]:
        grid = of["gridPos"]
        return {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }

    assert all(x < 24 for x, _ in cells(panel))
    for other in DASHBOARD["panels"]:
        assert other is panel or not cells(panel) & cells(other), other["title"]
