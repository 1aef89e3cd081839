"""Commands in, what their start costs out: `--help` beside `import typer`, and `stream` to its first poll."""

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.figures import Table, ratio
from bench.place import Place
from bench.plan import Plan
from bench.process import COMMAND, measure
from bench.stream import READING, stream_command

_RUNS: Final = 9
_STREAM_RUNS: Final = 3


def measure_start(place: Place, plan: Plan) -> Table:
    """Start each command some times, in turn, and return the medians."""
    table = Table("start", f"Start: median of {_RUNS} (stream: {_STREAM_RUNS})")
    commands: dict[str, Sequence[str | Path]] = {
        "import typer": [sys.executable, "-c", "import typer"],
        "antennactl --help": [COMMAND, "--help"],
    }
    for command in commands.values():
        measure(command)
    runs = {name: [] for name in commands}  # type: dict[str, list[tuple[float, float]]]
    for _ in range(_RUNS):
        for name, command in commands.items():
            found = measure(command)
            runs[name].append((found.wall_s, found.cpu_s))
    reference = statistics.median(cpu_s for _, cpu_s in runs["import typer"])
    for name, found_runs in runs.items():
        cpu_s = statistics.median(cpu_s for _, cpu_s in found_runs)
        wall_s = statistics.median(wall_s for wall_s, _ in found_runs)
        table.rows.append(
            {"what": name, "wall s": wall_s, "CPU s": cpu_s, "of typer": ratio(cpu_s, reference)}
        )
    table.rows.append({"what": "antennactl stream, to its first poll", **_measure_first_poll(place, plan)})
    return table


def _measure_first_poll(place: Place, plan: Plan) -> dict[str, float]:
    """Start the stream on an empty topic: all is open when it says what it reads, and the first poll follows."""
    topic = place.make_empty_topic()
    seconds = []
    with place.world(topic, 20) as world:
        for _ in range(_STREAM_RUNS + 1):
            found = measure(stream_command(plan), world.environment, marked_by=READING)
            seconds.append(found.wall_s - found.steady_s)
    place.drop_topic(topic)
    return {"wall s": statistics.median(seconds[1:])}
