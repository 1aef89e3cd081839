"""The users of PostgreSQL, cached: read again when they get old, and when an event's user is not among them."""

from collections.abc import Callable
from typing import Final

import polars as pl

from antennactl.errors import PostgresUnavailableError
from antennactl.ledger.connection import Database, RetryableLedgerError

MAX_AGE_S: Final = 300.0
"""A user added or changed is known after this at the latest."""
MISS_PAUSE_S: Final = 5.0
"""How soon after the last read an unknown user leads to another one."""


class UserCache:
    """`id` and `quota` of every user: about 60 bytes a user (36 of them the UUID's text), 60 MB for a million.

    Names and e-mails are not kept: the stream has no use for them. When PostgreSQL does not answer, the last users
    stand. `now` is the clock in seconds. Not for use from two threads.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._read_at = float("-inf")
        self._users = pl.DataFrame(schema={"id": pl.String, "quota": pl.Int64})

    def users_for(self, ids: pl.Series) -> pl.DataFrame:
        """Return (id, quota) of all users, read again if they are old or one of `ids` is missing."""
        age = self._now() - self._read_at
        if age > MAX_AGE_S or (age > MISS_PAUSE_S and self._misses(ids)):
            self._refresh()
        return self._users

    def _misses(self, ids: pl.Series) -> bool:
        return bool((~ids.unique().is_in(self._users["id"].implode())).any())

    def _refresh(self) -> None:
        try:
            with self._database.transaction() as transaction:
                self._users = transaction.query("read_users").rechunk()
        except (PostgresUnavailableError, RetryableLedgerError):
            # The committer waits for the server and says so; until then yesterday's users are better than none.
            pass
        self._read_at = self._now()
