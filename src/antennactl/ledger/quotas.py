"""An open transaction in, who has used how much of the quota in an hour out: live, or as its batch run decided."""

from datetime import datetime
from decimal import Decimal

import polars as pl

from antennactl.ledger.connection import Transaction

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
