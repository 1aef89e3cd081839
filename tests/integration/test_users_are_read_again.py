"""The stream's users: read again when one is unknown, but not at once for each; kept when PostgreSQL is away."""

import polars as pl

from antennactl.ledger.connection import Database
from antennactl.sources.users import MAX_AGE_S, MISS_PAUSE_S, UserCache
from proxy import proxied
from services import execute

ALICE, BOB = "alice", "bob"


class _Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _add(dsn: str, user: str, quota: int) -> None:
    execute(
        dsn,
        "INSERT INTO user_metadata (id, name, email, quota) "
        f"VALUES ('{user}', 'n', '{user}@example.com', {quota}) ON CONFLICT (id) DO UPDATE SET quota = EXCLUDED.quota",
    )


def _known(cache: UserCache, *ids: str) -> dict[str, int]:
    return dict(cache.users_for(pl.Series(list(ids), dtype=pl.String)).select("id", "quota").iter_rows())


def test_an_unknown_user_leads_to_one_read_at_most_every_few_seconds(postgres_dsn: str) -> None:
    clock = _Clock()
    _add(postgres_dsn, ALICE, 10)
    with Database(postgres_dsn) as database:
        cache = UserCache(database, clock)
        assert _known(cache, ALICE, BOB) == {ALICE: 10}
        _add(postgres_dsn, BOB, 20)
        clock.now_s += MISS_PAUSE_S
        assert _known(cache, BOB) == {ALICE: 10}
        clock.now_s += 0.1
        assert _known(cache, ALICE) == {ALICE: 10}
        assert _known(cache, BOB) == {ALICE: 10, BOB: 20}


def test_a_changed_user_is_known_after_a_while_and_the_old_ones_stand_meanwhile(postgres_dsn: str) -> None:
    clock = _Clock()
    _add(postgres_dsn, ALICE, 10)
    with proxied(postgres_dsn) as (proxy, dsn), Database(dsn) as database:
        cache = UserCache(database, clock)
        assert _known(cache, ALICE) == {ALICE: 10}
        _add(postgres_dsn, ALICE, 30)
        clock.now_s += MAX_AGE_S
        assert _known(cache, ALICE) == {ALICE: 10}
        proxy.cut()
        clock.now_s += 0.1
        assert _known(cache, ALICE) == {ALICE: 10}
        clock.now_s += MAX_AGE_S + 0.1
        assert _known(cache, ALICE) == {ALICE: 30}
