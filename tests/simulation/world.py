"""A seed in, every chance of one run out: the clock, the faults, and who is interrupted where.

Everything simulated (disk, PostgreSQL, Kafka) calls `World.tick` before each of its operations. There the process may
be killed, the power cut, the operation fail, or others be let through: steps of other stages run right there, inside,
before the operation goes on. So there are no threads, and one seed is one run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final, Protocol

START_S: Final = 1_792_900_800.0
"""The simulated clock begins in 2026."""


class Crash(BaseException):
    """The process is killed: nothing in it may run on, so no `except Exception` may see this."""


class Violation(Exception):  # noqa: N818 - what the oracle saw
    """A promise was broken."""


class Process(Protocol):
    """Something that can be killed and stopped."""

    name: str
    is_dead: bool
    is_frozen: bool


@dataclass
class Rates:
    """How likely each fault is at an operation that it may befall."""

    kill: float = 0.0
    power_cut: float = 0.0
    interrupt: float = 0.0
    freeze: float = 0.0
    connection: float = 0.0
    statement: float = 0.0
    disk: float = 0.0
    cluster: float = 0.0
    group: float = 0.0

    @classmethod
    def draw(cls, random: Random) -> "Rates":
        """Return a seed's own mixture: most runs have a few kinds of faults, some all, some none."""

        def rate(*choices: float) -> float:
            return random.choice((0.0, 0.0, *choices))

        return cls(
            kill=rate(0.001, 0.004, 0.02),
            power_cut=rate(0.0005, 0.003),
            interrupt=random.choice((0.0, 0.02, 0.1, 0.25)),
            freeze=rate(0.002, 0.01),
            connection=rate(0.004, 0.02, 0.08),
            statement=rate(0.004, 0.02),
            disk=rate(0.005, 0.03),
            cluster=rate(0.01, 0.05),
            group=rate(0.01, 0.05),
        )


@dataclass
class World:
    """One run's chances and clock."""

    seed: int
    trace: list[str] | None = None
    now: float = START_S
    is_calm: bool = False
    n_operations: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    let_others_through: Callable[[Process, int], None] = lambda _process, _steps: None
    cut_power: Callable[[], None] = lambda: None
    expel: Callable[[Process], None] = lambda _process: None
    sleep: Callable[[float], None] = lambda _seconds: None

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.rates = Rates.draw(self.random)
        self._depth = 0

    def clock(self) -> float:
        """Return the simulated time, in epoch seconds."""
        return self.now

    def note(self, who: str, what: str) -> None:
        """Write a line into the trace, when one is kept."""
        if self.trace is not None:
            self.trace.append(f"{self.now - START_S:9.2f} {'  ' * self._depth}{who:12s} {what}")

    def tick(self, process: Process, what: str, detail: str = "") -> None:
        """Before an operation of `process`: it may be killed here, stopped for long, or others let through."""
        if process.is_dead:
            raise Crash
        self.n_operations += 1
        if self.is_calm:
            return
        if self.trace is not None:
            self.note(process.name, f"{what} {detail}")
        chance = self.random.random()
        rates = self.rates
        chance -= rates.interrupt
        if chance < 0:
            self._interrupt(process)
            return
        chance -= rates.kill
        if chance < 0:
            self.kill(process, what)
            raise Crash
        chance -= rates.freeze
        if chance < 0:
            self._freeze(process)
            return
        chance -= rates.power_cut
        if chance < 0:
            self._count("power cut")
            self.cut_power()
            raise Crash

    def fails(self, rate: float, process: Process, what: str) -> bool:
        """Return whether an operation fails now."""
        if self.is_calm or rate == 0 or self.random.random() >= rate:
            return False
        self._count(what)
        self.note(process.name, f"! {what}")
        return True

    def kill(self, process: Process, where: str) -> None:
        """End a process as kill -9 does."""
        self._count("kill")
        self.note(process.name, f"! killed before {where}")
        process.is_dead = True

    def _interrupt(self, process: Process) -> None:
        if self._depth >= 3:
            return
        self._run_inside(process, self.random.choice((1, 1, 2, 3, 5, 8, 20)))

    def _freeze(self, process: Process) -> None:
        """Stop the whole process; its session in the group ends, and it may be declared gone, before it goes on."""
        if self._depth >= 2 or process.is_frozen:
            return
        self._count("stop for long")
        self.note(process.name, "! stopped for long")
        process.is_frozen = True
        if self.random.random() < 0.7:
            self.expel(process)
        try:
            if self.random.random() < 0.5:
                self.now += 301
            self._run_inside(process, self.random.randrange(5, 60))
        finally:
            process.is_frozen = False

    def _run_inside(self, process: Process, steps: int) -> None:
        self._depth += 1
        try:
            self.let_others_through(process, steps)
        finally:
            self._depth -= 1
        if process.is_dead:
            raise Crash

    def _count(self, what: str) -> None:
        self.faults[what] = self.faults.get(what, 0) + 1
