"""An open transaction in, who has used how much of the quota in an hour out: live, or as its batch run decided."""

from datetime import datetime
from decimal import Decimal

import polars as pl

from antennactl.errors import UsageError
from antennactl.ledger.connection import Transaction
from antennactl.rules.quotas import User

USES = pl.Schema(
    {
        "email": pl.String(),
        "usage": pl.Int64(),
        "quota": pl.Int64(),
        "share": pl.Float64(),  # null where the quota is 0
        "over": pl.Boolean(),  # strictly more than the quota
    }
)


def read_live_uses(
    tx: Transaction, hour: datetime, share: Decimal, most: int | None
) -> tuple[pl.DataFrame, int]:
    """Return USES of at least `share` in an hour by the live totals, the largest first, and how many there are."""
    return _count(tx.query("quota_live", hour, str(share), most))


def read_final_uses(
    tx: Transaction, hour: datetime, share: Decimal, most: int | None
) -> tuple[pl.DataFrame, int]:
    """Return USES of at least `share` in an hour by its batch run, the largest first, and how many there are.

    `over` is what the run decided, by the quota of then; of users who were not over it the quota is that of now.
    """
    return _count(tx.query("quota_final", hour, str(share), most))


def read_newest_window(tx: Transaction) -> datetime | None:
    """Return the start of the newest window of the live totals, None where there is none."""
    newest: datetime | None = tx.query("read_newest_window").item()
    return newest


def _count(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    n_users = int(rows.item(0, "n_users")) if rows.height else 0
    return rows.drop("n_users").match_to_schema(USES), n_users


def find_user(tx: Transaction, wanted: str) -> User:
    """Return the user with this id, else e-mail, else name.

    Somebody who is no user has the id that was asked for and nothing else: their traffic counts all the same. Raises
    UsageError, which names ids alone, when several have the e-mail or the name.
    """
    rows = tx.query("find_users", wanted)
    if rows.is_empty():
        return User(wanted, None, None, None, is_known=False)
    best = rows.filter(pl.col("matched") == rows.item(0, "matched"))
    if best.height > 1:
        ids = ", ".join(best["id"].head(10))
        message = f"--explain: several users have this {best.item(0, 'matched')}"
        raise UsageError(message, hint=f"give the id: {ids}{', …' if best.height > 10 else ''}")  # noqa: PLR2004
    return User(**best.drop("matched").row(0, named=True))


def read_listed_quota(tx: Transaction, hour: datetime, user: User, usage: int | None) -> int | None:
    """Return the quota with which the hour's run listed a user as over it, None where it did not.

    Of several who have one e-mail, the one with this usage is meant.
    """
    if usage is None or not user.is_known:
        return None
    mine = tx.query("read_listed_quota", hour, user.email, usage)
    quota: int | None = mine.item(0, "quota") if mine.height else None
    return quota
