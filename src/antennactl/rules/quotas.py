"""The state of an hour in, whether its quotas were decided and what is to be told of that out: pure."""

from datetime import datetime

from antennactl.errors import NotReadyError
from antennactl.rules.hours import HourRun, HourState, floor_hour, is_changed


def require_run(state: HourState, now: datetime) -> HourRun:
    """Return the hour's batch run. Raises NotReadyError, with the command that helps, when it had none."""
    if state.run is not None:
        return state.run
    command = f"antennactl batch --hour {state.hour:%Y-%m-%dT%H}"
    message = f"the hour {state.hour:%Y-%m-%dT%HZ} has no batch run"
    if state.hour >= floor_hour(now):
        raise NotReadyError(
            message, hint=f"without --hour the live totals answer; once it is over: {command}"
        )
    raise NotReadyError(message, hint=f"run: {command}")


def doubts(state: HourState) -> list[str]:
    """Return a line for each reason why the hour's run may not be the last word."""
    if state.run is None:
        return []
    lines = []
    again = f"antennactl batch --hour {state.hour:%Y-%m-%dT%H}"
    if state.run.partial:
        lines.append(
            f"the run of {state.hour:%Y-%m-%dT%HZ} was made before the hour was complete; run: {again}"
        )
    if is_changed(state):
        lines.append(
            f"{state.hour:%Y-%m-%dT%HZ} changed after its run, which counted {state.run.n_rows} rows: "
            f"the lake holds {state.n_rows}; run: {again}"
        )
    return lines
