"""`verify`: the ledger, the lake and the totals in; every difference between them out.

Recover, list the lake, read one snapshot, check; then look again at files that nobody knows, and tell.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from antennactl.commands.verify_lake import prove_lake, refuse_exchanged
from antennactl.commands.verify_results import Account, count_account, print_account
from antennactl.errors import InconsistentError
from antennactl.lake.identity import check_lake
from antennactl.lake.inventory import Inventory, folder_hour, list_data, quarantine_files, show_path
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.lake.recover import recover_lake
from antennactl.ledger.connection import Database
from antennactl.ledger.locks import share_hour_files
from antennactl.ledger.proof import LedgerSide, read_ledger, read_removals
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.observe.bars import Bars
from antennactl.rules.checks import check_chain, check_counts, check_letters, check_micro_batches, check_rows
from antennactl.rules.file_checks import check_unknown
from antennactl.rules.findings import Findings
from antennactl.rules.totals_checks import HourPlan, check_runs, check_violators, plan_hours
from antennactl.settings import Settings

# Each path may lock an hour, and PostgreSQL has room for some thousand locks in all.
_PATHS_AT_ONCE: Final = 200


def run(settings: Settings, stop: threading.Event) -> int:  # noqa: ARG001 - ends at once: it holds nothing open
    """Print the account of the whole system, or of one hour's files and totals; return 0, or 5: it differs.

    Ranges and dead letters are always checked as a whole. With `quarantine` unknown files are moved, told of,
    and no difference. Raises UsageError when lake and database do not belong together, NotReadyError when a
    committed file is not reachable from this host or files were exchanged meanwhile.
    """
    lake = open_lake(settings.lake)
    findings = Findings()
    only = settings.hour
    with Database(settings.dsn) as database:
        with database.transaction() as tx:
            require_schema(tx)
            check_lake(lake, read_setting(tx, LEDGER) or "", create=False)
        recover_lake(database, lake, None if only is None else [only])
        # Before the snapshot, which then knows whatever is published by now: any other file is a stranger.
        listed = list_data(lake)
        with database.transaction("REPEATABLE READ") as tx:
            ledger = read_ledger(tx, only)
            plan = _restrict(plan_hours(ledger.states, ledger.total_hours, ledger.retention_floor), only)
            _check_ledger(ledger, plan, findings)
            with Bars(settings) as bars:
                proof = prove_lake(tx, lake, ledger, plan, findings, bars)
        refuse_exchanged(database, proof.gone)
        strangers = _find_strangers(listed, ledger)
        unknown, moved = _settle_strangers(database, lake, strangers, move=settings.quarantine)
    findings.add(check_unknown(unknown, {path: folder_hour(path) for path in unknown}))
    counts = count_account(ledger, plan)
    account = Account(findings, plan, counts, proof.uncompared, moved, listed.n_ignored)
    print_account(settings, account)
    return InconsistentError.exit_code if findings.n_differences else 0


def _check_ledger(ledger: LedgerSide, plan: HourPlan, findings: Findings) -> None:
    for finding in (
        check_chain(ledger.offsets, ledger.ranges),
        check_counts(ledger.ranges),
        check_micro_batches(ledger.ranges, ledger.files),
        check_rows(ledger.ranges, ledger.files, ledger.letters),
        check_letters(ledger.ranges, ledger.letters),
        check_runs(ledger.states, plan.current),
        check_violators(ledger.violators, plan.current),
    ):
        findings.add(finding)


def _restrict(plan: HourPlan, only: datetime | None) -> HourPlan:
    if only is None:
        return plan
    return HourPlan(
        [hour for hour in plan.windows if hour == only],
        [hour for hour in plan.current if hour == only],
        {hour: why for hour, why in plan.pending.items() if hour == only},
        {hour: why for hour, why in plan.left_out.items() if hour == only},
    )


def _find_strangers(listed: Inventory, ledger: LedgerSide) -> list[str]:
    """Return the listed paths that are no live files, but for the folders of unmanaged hours.

    Nor for files that an ended compact or prune was about to take out: the next recovery or prune does.
    """
    foreign = {
        state.hour for state in ledger.states if state.run and state.run.unmanaged and state.n_files == 0
    }
    strangers = listed.paths - set(ledger.live["path"]) - ledger.owed_removals
    return [
        path
        for path in sorted(strangers)
        if (hour := folder_hour(path)) not in foreign and ledger.only in {None, hour}
    ]


def _settle_strangers(
    database: Database, lake: Lake, strangers: Sequence[str], *, move: bool
) -> tuple[dict[str, str | None], dict[str, str]]:
    """Look at each stranger again under its hour's file lock, when nobody exchanges files; `move` it then.

    Returns path → why the ledger removed it (None: it never was there) of those that stay, and path → new
    path of the others.
    """
    unknown: dict[str, str | None] = {}
    moved: dict[str, str] = {}
    for start in range(0, len(strangers), _PATHS_AT_ONCE):
        paths = strangers[start : start + _PATHS_AT_ONCE]
        with database.transaction() as tx:
            for hour in sorted({hour for path in paths if (hour := folder_hour(path))}):
                share_hour_files(tx, hour)
            known = read_removals(tx, [path for path in paths if path == show_path(path)])
            left = [path for path in paths if known.get(path, "") is not None and _is_there(lake, path)]
            done = quarantine_files(lake, left) if move else {}
        moved.update({show_path(path): show_path(to) for path, to in done.items()})
        unknown.update({show_path(path): known.get(path) for path in left if path not in done})
    return unknown, moved


def _is_there(lake: Lake, path: str) -> bool:
    return lake.files.exists(lake.root / path)
