"""`quota`: the live totals, or an hour's results, in; the users near or over their quota, or one of them, out."""

import threading
from datetime import datetime

from antennactl.commands.batch_hours import require_kept
from antennactl.commands.quota_explain import explain_user
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_hour, read_retention_floor
from antennactl.ledger.overview import read_clock
from antennactl.ledger.quotas import read_final_uses, read_live_uses, read_newest_window
from antennactl.ledger.schema import require_schema
from antennactl.observe.output import warn
from antennactl.observe.quota_list import QuotaList, print_quotas
from antennactl.rules.hours import floor_hour
from antennactl.rules.quotas import doubts, require_run
from antennactl.settings import Settings


def run(settings: Settings, _stop: threading.Event) -> int:
    """Print who has used at least a share of the quota in this hour, by the live totals, or in a past one; return 0.

    Users over quota are data, not a failure. Raises NotReadyError when the hour that was asked for has no batch run,
    UsageError when it was pruned.
    """
    with Database(settings.dsn) as database:
        if settings.explain is not None:
            return explain_user(settings, database, settings.explain)
        with database.transaction("REPEATABLE READ") as tx:
            require_schema(tx)
            found = _read_final(settings, tx, settings.hour) if settings.hour else _read_live(settings, tx)
    for line in _doubts(found):
        warn(line, settings)
    print_quotas(settings, found)
    return 0


def _read_live(settings: Settings, tx: Transaction) -> QuotaList:
    hour = floor_hour(read_clock(tx))
    uses, n_users = read_live_uses(tx, hour, settings.quota_share, settings.limit)
    return QuotaList(hour, settings.quota_share, uses, n_users, None, read_newest_window(tx))


def _read_final(settings: Settings, tx: Transaction, hour: datetime) -> QuotaList:
    require_kept(hour, read_retention_floor(tx))
    state = read_hour(tx, hour)
    require_run(state, read_clock(tx))
    uses, n_users = read_final_uses(tx, hour, settings.quota_share, settings.limit)
    return QuotaList(hour, settings.quota_share, uses, n_users, state, read_newest_window(tx))


def _doubts(found: QuotaList) -> list[str]:
    if found.state is not None:
        return doubts(found.state)
    if found.newest_window is None:
        return ["there are no live totals yet"]
    if found.newest_window < found.hour:
        newest = f"{found.newest_window:%Y-%m-%dT%H:%M:%SZ}"
        return [f"no live totals of {found.hour:%Y-%m-%dT%HZ} yet: the newest window starts at {newest}"]
    return []
