"""A die and a set of workers in, one fault after the other out: what is done to the system, and counted."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from antennactl import failpoints
from antennactl.local import LocalServices
from e2e.antennactl_process import COMMAND, World
from proxy import Proxy, Trap

WORKERS: Final = 3
LET_WORK_S: Final = 20.0
PROTOCOLS: Final = {
    "eager": ("-X", "partition.assignment.strategy=range", "-X", "session.timeout.ms=6000"),
    "cooperative": (
        *("-X", "partition.assignment.strategy=cooperative-sticky"),
        *("-X", "session.timeout.ms=6000"),
    ),
    "consumer": ("-X", "group.protocol=consumer"),
}
WEIGHTS: Final = {
    "kill": 60,
    "kill at a named step": 40,
    "SIGTERM": 6,
    "SIGINT": 4,
    "member come and gone": 4,
    "backend ended": 12,
    "all connections cut": 8,
    "connection cut before COMMIT": 4,
    "connection cut after COMMIT": 4,
    "answers swallowed": 2,
    "batch": 3,
    "batch killed": 2,
    "compact": 2,
    "compact killed": 2,
    "stop past the session time-out": 1,
    "PostgreSQL crash": 1,
    "broker crash": 1,
}
"""How often each fault comes, among so many. The last three cost the run many seconds each."""
COUNTED_AS_KILLS: Final = ("kill", "kill at a named step")
NAMED_STEPS: Final = [
    name for name in failpoints.NAMES if not name.startswith(("batch", "compact", "prune", "on_revoke"))
]
"""Those that a stream comes by without a rebalance."""


@dataclass
class Victims:
    """The workers of one run, their services, and what befell them."""

    world: World
    services: LocalServices
    proxy: Proxy
    dice: random.Random
    folder: Path
    protocol: str = "eager"
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    chores: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    faults: "Counter[str]" = field(default_factory=Counter)
    odd_ends: "Counter[str]" = field(default_factory=Counter)
    n_batches: int = 0
    n_vain_waits: int = 0

    @property
    def n_kills(self) -> int:
        """How many workers were killed so far."""
        return sum(self.faults[name] for name in COUNTED_AS_KILLS)

    @property
    def group(self) -> tuple[str, ...]:
        """The words of a `stream` that join the group of now: one for each protocol, on the same ledger."""
        return ("--group", f"torture-{self.protocol}", *PROTOCOLS[self.protocol])

    def regroup(self, protocol: str) -> None:
        """End all workers in good order and start as many that speak another protocol."""
        self.end_all()
        self.protocol = protocol
        self.workers = [self._start_worker(number) for number in range(WORKERS)]

    def revive(self) -> None:
        """Restart whoever ended: at a named step, after a signal, or because a service was away for too long."""
        for number, worker in enumerate(self.workers):
            code = worker.poll()
            if code is not None:
                self._note_end("stream", code)
                self.workers[number] = self._start_worker(number)
        for chore in [chore for chore in self.chores if chore.poll() is not None]:
            self._note_end("batch or compact", chore.returncode)
            self.chores.remove(chore)

    def kill_all(self) -> None:
        """Leave no process behind, whatever happened."""
        for each in (*self.workers, *self.chores):
            each.kill()
            each.wait()

    def let_work(self) -> None:
        """Wait until a micro-batch was committed since the last call: on a slow machine all kills would meet starts.

        Who waits in vain is counted: nobody getting on for so long, with nothing done to them, may be a hang.
        """
        deadline = time.monotonic() + LET_WORK_S
        while time.monotonic() < deadline:
            n_batches = self.world.query("SELECT count(*) AS n FROM antennactl.micro_batch").item()
            if n_batches > self.n_batches:
                self.n_batches = n_batches
                return
            time.sleep(0.2)
            self.revive()
        self.n_vain_waits += 1

    def end_all(self) -> None:
        """Let everyone finish what is in hand and go."""
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        for each in (*self.workers, *self.chores):
            self._note_end("stream, batch or compact at the end of a round", each.wait(120))
        self.chores.clear()

    def suffer(self, name: str) -> None:
        """Let one fault happen."""
        self.faults[name] += 1
        number = self.dice.randrange(len(self.workers))
        postgres, kafka = self.services.postgres, self.services.kafka
        faults: dict[str, Callable[[], object]] = {
            "kill": lambda: self._kill(number),
            "kill at a named step": lambda: self._kill(number, self.dice.choice(NAMED_STEPS)),
            # One that was asked to end is replaced when it has; `revive` looks.
            "SIGTERM": lambda: self.workers[number].send_signal(signal.SIGTERM),
            "SIGINT": lambda: self.workers[number].send_signal(signal.SIGINT),
            "member come and gone": self._join,
            "backend ended": self._end_backend,
            "all connections cut": self.proxy.cut,
            "connection cut before COMMIT": lambda: self.proxy.trap(Trap.CUT_BEFORE),
            "connection cut after COMMIT": lambda: self.proxy.trap(Trap.CUT_AFTER),
            "answers swallowed": self._swallow,
            "batch": lambda: self._start_chore("batch"),
            "batch killed": lambda: self._start_chore("batch", "batch_before_replace"),
            "compact": lambda: self._start_chore("compact"),
            "compact killed": lambda: self._start_chore("compact", self.dice.choice(_COMPACT_STEPS)),
            "stop past the session time-out": lambda: self._freeze(number),
            "PostgreSQL crash": lambda: self._crash(postgres.kill, postgres.restart),
            "broker crash": lambda: self._crash(kafka.kill, kafka.restart),
        }
        faults[name]()

    def _note_end(self, command: str, code: int) -> None:
        if code not in {0, -signal.SIGKILL}:
            self.odd_ends[f"{command} with {code}"] += 1

    def _start_worker(self, number: int, step: str | None = None) -> "subprocess.Popen[bytes]":
        """Start worker `number`, through the proxy; with `step` it kills itself there."""
        words = ["stream", "--interval", "300ms", "--max-rows", "3000", *self.group]
        if self.protocol != "consumer":
            # A killed member's place is taken at once, instead of after the session time-out.
            words += ["-X", f"group.instance.id=worker-{number}"]
        dsn = self.world.dsn.replace(f":{self.services.postgres.port}/", f":{self.proxy.port}/")
        env = {"ANTENNACTL_DSN": dsn}
        if step:
            env["ANTENNACTL_FAILPOINT"] = f"{step}:kill:{self.dice.randint(1, 3)}"
        return self._start(f"worker-{number}", words, env)

    def _start_chore(self, command: str, step: str | None = None) -> None:
        """Start `batch` or `compact` for every hour that is due, one at a time; with `step` it kills itself there."""
        env = {"ANTENNACTL_FAILPOINT": f"{step}:kill"} if step else {}
        if not self.chores:
            self.chores.append(self._start(command, [command, "--catch-up", "--lateness", "1s"], env))

    def _start(self, name: str, words: list[str], env: dict[str, str]) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [COMMAND, *words], env=self.world.environ(env), cwd=self.folder, stdout=log, stderr=log
            )

    def _kill(self, number: int, step: str | None = None) -> None:
        """Kill a worker and put another in its place, which kills itself at `step`."""
        self.workers[number].kill()
        self._note_end("stream", self.workers[number].wait())
        self.workers[number] = self._start_worker(number, step)

    def _join(self) -> None:
        guest = self._start_worker(WORKERS)
        try:
            time.sleep(2.0)
            guest.send_signal(signal.SIGTERM)
            self._note_end("guest", guest.wait(120))
        finally:
            guest.kill()
            guest.wait()

    def _end_backend(self) -> None:
        self.world.query(
            "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )

    def _swallow(self) -> None:
        self.proxy.swallow()
        time.sleep(1.0)
        self.proxy.heal()

    def _freeze(self, number: int) -> None:
        self.workers[number].send_signal(signal.SIGSTOP)
        time.sleep(7.0)
        self.workers[number].send_signal(signal.SIGCONT)

    def _crash(self, kill: Callable[[], None], restart: Callable[[], None]) -> None:
        kill()
        time.sleep(self.dice.uniform(0.2, 1.5))
        restart()


_COMPACT_STEPS: Final = [name for name in failpoints.NAMES if name.startswith("compact_")]
