"""A large backlog of very compressible messages, read by a `stream` that may have 2 GiB of memory and no more.

`make torture-backlog` reads 20 million; ARGS="--messages 2000000" fewer. Exit 1 when anything differs.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.local import start_services
from antennactl.local.progress import print_step
from e2e.antennactl_process import World
from e2e.fault_scenes import start_patched

LIMIT_BYTES = 2 * 1024**3
# The messages of one lot are padded with blanks: a thousandth of their size on the wire and in the broker.
PAYLOAD_BYTES = 250
_LOT = 20_000
_PARTITIONS = 4
# Counts what is written to, as a container's limit does, and not the address space that is only reserved.
_LIMIT = f"import resource; resource.setrlimit(resource.RLIMIT_DATA, ({LIMIT_BYTES}, {LIMIT_BYTES}))"


def fill(bootstrap_servers: str, topic: str, n: int) -> int:
    """Send `n` valid messages, the same lot again and again, and return the sum of their bytes."""
    dice = random.Random(1)
    lot = [
        json.dumps(
            {
                "timestamp": 1_790_000_000 + number % 7200,
                "id": f"00000000-0000-0000-0000-{number % 20 + 1:012}",
                "antenna_id": f"antenna-{number % 5}",
                "bytes": dice.randrange(10_000),
                "app": "PADDED",
            }
        )
        .ljust(PAYLOAD_BYTES)
        .encode()
        for number in range(_LOT)
    ]
    producer = Producer(
        {
            "bootstrap.servers": bootstrap_servers,
            "compression.type": "zstd",
            "linger.ms": 50,
            "batch.size": 4_000_000,
            "message.max.bytes": 8_000_000,
            "queue.buffering.max.messages": 2_000_000,
            "acks": 1,
        }
    )
    sums = [json.loads(payload)["bytes"] for payload in lot]
    sent, total = 0, 0
    while sent < n:
        part = min(_LOT, n - sent)
        producer.produce_batch(
            topic, [{"value": payload} for payload in lot[:part]], partition=sent // _LOT % _PARTITIONS
        )
        sent, total = sent + part, total + sum(sums[:part])
        while len(producer) > 1_000_000:
            producer.poll(0.1)
    assert producer.flush(120) == 0
    return total


def read_all(world: World) -> int:
    """Drain the topic under the limit; return the most memory that was resident, in bytes."""
    drain = start_patched(world, "", "stream", "--drain", prelude=_LIMIT)
    watch = _Watch(drain)
    watch.start()
    _finish(drain)
    watch.join()
    return watch.peak_bytes


def check(world: World, n: int, sum_bytes: int) -> None:
    """Make sure that every message is in the lake and in the totals, once."""
    (row,) = world.query(
        "SELECT sum(n_rows)::bigint AS n_rows, sum(sum_bytes)::bigint AS sum_bytes "
        "FROM antennactl.lake_file WHERE removed_at IS NULL"
    ).rows()
    assert row == (n, sum_bytes)
    totals = world.query("SELECT type, sum(value)::bigint AS value FROM bytes GROUP BY type ORDER BY type")
    assert totals["value"].to_list() == [sum_bytes] * 3
    assert world.staged_files() == []
    _finish(world.start("verify"))


def _finish(process: "subprocess.Popen[str]") -> None:
    _, err = process.communicate(timeout=3600)
    assert process.returncode == 0, err[-2000:]


class _Watch(threading.Thread):
    """Notes the peak of a process's resident memory as long as it runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        super().__init__(daemon=True)
        self._process = process
        self.peak_bytes = 0

    def run(self) -> None:
        """Look every tenth of a second."""
        status = Path(f"/proc/{self._process.pid}/status")
        while self._process.poll() is None:
            try:
                found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
            except OSError:
                return
            if found:
                self.peak_bytes = int(found[1]) * 1024
            time.sleep(0.1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, read and check on services of our own, and print the table."""
    parser = argparse.ArgumentParser(prog="backlog", description="Read a large backlog in little memory.")
    parser.add_argument("--messages", type=int, default=20_000_000, metavar="N")
    n = parser.parse_args(arguments).messages
    with tempfile.TemporaryDirectory(prefix="antennactl-torture-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with start_services(folder / "services", print_step) as services:
            admin = AdminClient({"bootstrap.servers": services.bootstrap_servers})
            admin.create_topics([NewTopic("backlog", _PARTITIONS)])["backlog"].result(30)
            world = World(services.dsn, services.bootstrap_servers, "backlog", folder)
            world.run("provision")
            sum_bytes = fill(world.bootstrap_servers, world.topic, n)
            began = time.monotonic()
            peak_bytes = read_all(world)
            took_s = time.monotonic() - began
            check(world, n, sum_bytes)
    print(f"""
| what | this run |
|---|---|
| messages | {n} of {PAYLOAD_BYTES} bytes |
| limit of memory | {LIMIT_BYTES // 1024**2} MiB |
| most resident | {peak_bytes // 1024**2} MiB |
| messages a second | {n / took_s:.0f} |
| duplicates, losses, wrong totals | 0 |
| verify | exit 0 |
""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
