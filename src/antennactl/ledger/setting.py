"""Names in, stored values out: the ledger's few settings that a whole lake and database share."""

from typing import Final

from antennactl.ledger.connection import Transaction

LEDGER: Final = "ledger"
"""The uuid that a database and its lake have in common, made once."""
SCHEMA_VERSION: Final = "schema_version"
"""The number of the last schema file that was applied."""
WINDOW_S: Final = "window_s"
"""The window of the live totals in seconds, fixed once data is there."""
RETENTION_FLOOR: Final = "retention_floor"
"""The oldest hour kept, in ISO 8601."""


def read_setting(tx: Transaction, name: str) -> str | None:
    """Return the stored value of `name`, None where there is none."""
    rows = tx.query("read_setting", name)
    return None if rows.is_empty() else str(rows.item(0, "value"))


def write_setting(tx: Transaction, name: str, value: str) -> None:
    """Store `value` under `name`, in place of what was there."""
    tx.query("write_setting", name, value)
