"""A topic in, traffic of every kind in it: the simulator's, with logs of what is malformed, and transactions."""

import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewPartitions  # type: ignore[attr-defined] # its stub hides it

from e2e.antennactl_process import World

_RATE: Final = 1_500
_MESSAGES: Final = 20_000


class Traffic:
    """Everything that is sent; `logs` are the simulator's own accounts."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._seed = seed
        self._producers: list[subprocess.Popen[str]] = []
        self.logs: list[Path] = []
        self.transactions = Transactions(world.bootstrap_servers, world.topic)

    def start(self) -> None:
        """Begin to send."""
        self._start_producer()
        self.transactions.start()

    def go_on(self) -> None:
        """Send more when the simulator has sent what it was to send."""
        if self._producers[-1].poll() is not None:
            self._start_producer()

    def add_partitions(self) -> None:
        """Make six partitions of four."""
        admin = AdminClient({"bootstrap.servers": self._world.bootstrap_servers})
        admin.create_partitions([NewPartitions(self._world.topic, 6)])[self._world.topic].result(30)

    def stop(self) -> None:
        """Send what is in hand and end."""
        self.transactions.ended.set()
        self.transactions.join(60)
        self._producers[-1].send_signal(signal.SIGTERM)
        for producer in self._producers:
            producer.communicate(timeout=120)

    def kill(self) -> None:
        """Leave no process behind, whatever happened."""
        self.transactions.ended.set()
        for producer in self._producers:
            producer.kill()
            producer.wait()

    def _start_producer(self) -> None:
        log = self._world.folder / f"sent-{len(self.logs)}.csv"
        self.logs.append(log)
        self._producers.append(
            self._world.start(
                *("simulate", "--messages", str(_MESSAGES), "--rate", f"{_RATE}/s", "--span", "2h"),
                *("--late", "0.02", "--malformed", "0.005", "--unknown", "0.01", "--duplicates", "0.01"),
                *("--seed", str((self._seed + len(self.logs)) % 2**31), "--sent", str(log)),
            )
        )


class Transactions(threading.Thread):
    """A transactional producer beside the simulator: every third transaction is aborted."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        super().__init__(daemon=True)
        self._servers = bootstrap_servers
        self._topic = topic
        self.ended = threading.Event()
        self.n_committed = self.n_aborted = 0

    def run(self) -> None:
        """Send small transactions; a broken producer is made anew. The oracle reads what became of them."""
        while not self.ended.is_set():
            try:
                self._send_on()
            except KafkaException:
                self.ended.wait(1.0)

    def _send_on(self) -> None:
        producer = Producer(
            {"bootstrap.servers": self._servers, "transactional.id": "torture", "log_level": 0}
        )
        producer.init_transactions(30)
        number = 0
        while not self.ended.wait(0.2):
            number += 1
            producer.begin_transaction()
            for _ in range(20):
                second = int(time.time()) - 7200 + number % 3600
                producer.produce(
                    self._topic,
                    b'{"bytes":%d,"timestamp":%d,"app":"TX","id":"tx","antenna_id":"tx"}' % (number, second),
                )
            if number % 3:
                producer.commit_transaction(30)
                self.n_committed += 1
            else:
                producer.abort_transaction(30)
                self.n_aborted += 1
