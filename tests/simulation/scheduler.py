"""A seed in, one run out: stages of a few processes stepped in an order of chance, then calm, then the oracle."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import inf

from antennactl.errors import AntennactlError, OffsetConflictError, ServiceUnavailableError
from antennactl.lake.layout import Lake
from antennactl.lake.recover import recover_lake
from antennactl.ledger.connection import RetryableLedgerError
from simulation.broker import Broker
from simulation.disk import Disk, DiskOf
from simulation.ledger import Server, SimulatedDatabase, simulated_driver
from simulation.oracle import Reader, check_end
from simulation.worker import ROOT, Stage, StreamProcess, plan_of
from simulation.world import Crash, Process, Violation, World

CALM_STEPS = 6_000


@dataclass(frozen=True)
class Outcome:
    """What became of a seed: `violation` None is what should be."""

    seed: int
    violation: str | None
    n_operations: int
    faults: dict[str, int]
    n_batches: int


class Bystander:
    """A `batch` or `verify` that recovers the lake first, beside the stream."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_dead = self.is_frozen = False


class Run:
    """The processes of one run and who is stepped next."""

    def __init__(self, world: World) -> None:
        random = world.random
        self.world = world
        self.disk = Disk(world, ROOT)
        self.server = Server(world)
        self.broker = Broker(world, random.randrange(1, 4))
        self.broker.produce(random.randrange(5, 25))
        self.reader = Reader(self.disk, self.server)
        self.processes: list[StreamProcess] = []
        self._bystanders: list[Bystander] = []
        self.n_wanted = random.choice((1, 2, 2, 3))
        self.is_drain = random.random() < 0.25
        self._interval_s = random.choice((0.2, 0.3, 1.0))
        self._max_rows = random.choice((2, 3, 5, 100))
        self._n_started = 0
        self._sleeper: list[Stage] = []
        self.violation: str | None = None
        world.let_others_through = self._let_others_through
        world.cut_power = self._cut_power
        world.expel = lambda process: self.broker.drop(process.name)
        world.sleep = self._sleep

    def chaos(self) -> None:
        """Let everything go wrong for a while."""
        random = self.world.random
        events = self._events()
        for _ in range(random.randrange(30, 150)):
            self._keep_up_processes()
            if random.random() < 0.06:
                random.choice(events)()
            self._step_somebody(None)

    def calm(self) -> None:
        """Without further faults, those still there have to bring all to its end, and a last recovery to clean up."""
        self.world.is_calm = True
        self.world.note("world", "calm")
        self.server.away_until = self.broker.admin_away_until = 0.0
        self._await(self._is_all_done, "all to be read and published")
        for process in self.processes:
            process.intake.stop()
        self._await(lambda: not self.processes, "the processes to end")
        self.world.now += 400
        self.server.decide_all()
        self._recover(Bystander("batch"))
        check_end(self.disk, self.server, self.broker)

    def _events(self) -> list[Callable[[], None]]:
        world, random = self.world, self.world.random

        def take_away_postgres() -> None:
            world.note("world", "PostgreSQL is away")
            self.server.away_until = world.now + random.choice((1, 10))

        def take_away_kafka() -> None:
            world.note("world", "Kafka is away")
            self.broker.admin_away_until = world.now + random.choice((1, 10))

        def stop_one() -> None:
            if self.processes:
                process = random.choice(self.processes)
                world.note(process.name, "asked to stop")
                process.intake.stop()

        def let_time_pass() -> None:
            world.now += random.choice((1, 61, 301, 301))

        def add_partition() -> None:
            self.broker.logs.append(type(self.broker.logs[0])())
            self.broker.rebalance()

        return [
            lambda: self.broker.produce(random.randrange(1, 8)),
            lambda: self.broker.produce(random.randrange(1, 8)),
            self.broker.rebalance,
            self.broker.retain,
            self.broker.retain,
            take_away_postgres,
            take_away_kafka,
            stop_one,
            let_time_pass,
            let_time_pass,
            add_partition,
            lambda: self._recover(Bystander(f"batch{world.n_operations}")),
            self.server.decide_all,
        ]

    def _keep_up_processes(self) -> None:
        """Start a process for each that ended."""
        for process in list(self.processes):
            if process.is_dead:
                self._bury(process)
            elif process.has_left and not any(stage.is_running for stage in process.stages):
                self.processes.remove(process)
        if not self.world.is_calm or (not self.processes and not self._is_all_done()):
            while len(self.processes) < (1 if self.world.is_calm else self.n_wanted):
                self._start_process()

    def _start_process(self) -> None:
        self._n_started += 1
        ends = {p: log.end for p, log in enumerate(self.broker.logs)} if self.is_drain else None
        plan = plan_of(self.broker, self._interval_s, self._max_rows, ends)
        name = f"p{self._n_started}"
        process = StreamProcess(name, self.world, self.disk, self.server, self.broker, plan)
        process.stages[0].wakes_at = self.world.now + self.world.random.choice((0.0, 0.5, 3.0))
        self.processes.append(process)
        self.world.note(name, "started")

    def _bury(self, process: StreamProcess) -> None:
        """Take a killed process away: the group and the process table hear of it at once or later."""
        self.processes.remove(process)
        self.broker.drop(process.name)
        self.server.drop_connections(process)
        if self.world.random.random() < 0.5:
            self.server.ended.update(process.workers)

    def _judge(self, process: StreamProcess, error: AntennactlError) -> None:
        """Only services that are away, and others that move the same offsets amid chaos, may end a process."""
        allowed = () if self.world.is_calm else (ServiceUnavailableError, OffsetConflictError)
        if not isinstance(error, allowed):
            raise Violation(f"{process.name} ended: {type(error).__name__}: {error}") from error

    def _step_somebody(self, outsider: Process | None) -> bool:
        """Step one of the stages that are awake, after waiting for one if none is; False: there is nobody."""
        awake, soonest = self._awake(outsider)
        if not awake:
            if soonest == inf:
                return False
            self.world.now = soonest
            awake, _ = self._awake(outsider)
        self._step(*awake[int(self.world.random.random() * len(awake))])
        return True

    def _awake(self, outsider: Process | None) -> tuple[list[tuple[StreamProcess, Stage]], float]:
        """Return the stages that may be stepped now, and when the next of the others wakes."""
        now, soonest = self.world.now, inf
        awake = []
        for process in self.processes:
            if process.is_dead or process.is_frozen or (process is outsider and process.is_ending):
                continue
            for stage in process.stages:
                if stage.is_running or stage.is_over:
                    continue
                if stage.wakes_at <= now:
                    awake.append((process, stage))
                elif stage.wakes_at < soonest:
                    soonest = stage.wakes_at
        return awake, soonest

    def _step(self, process: StreamProcess, stage: Stage) -> None:
        stage.is_running = True
        self._sleeper.append(stage)
        try:
            stage.step()
        except Crash:
            if not process.is_dead:
                raise
        except AntennactlError as error:
            self.world.note(process.name, f"{stage.name} fails: {type(error).__name__}: {error}")
            self._judge(process, error)
            process.end()
        finally:
            self._sleeper.pop()
            stage.is_running = False
        if stage.is_over and not process.is_ending and all(other.is_over for other in process.stages):
            process.end()

    def _let_others_through(self, process: Process, steps: int) -> None:
        for _ in range(steps):
            if not self._step_somebody(process):
                return

    def _sleep(self, seconds: float) -> None:
        if self._sleeper:
            self._sleeper[-1].wakes_at = self.world.now + seconds

    def _cut_power(self) -> None:
        """Everything on the host ends, the disk forgets; PostgreSQL lives elsewhere."""
        self.world.note("world", "! power cut")
        on_this_host: list[Process] = [*self.processes, *self._bystanders]
        for process in on_this_host:
            process.is_dead = True
        self.disk.lose_power()
        self.reader.look_after_power_cut()

    def _recover(self, bystander: Bystander) -> None:
        database = SimulatedDatabase(self.server, bystander)
        self._bystanders.append(bystander)
        try:
            recover_lake(database, Lake(ROOT, DiskOf(self.disk, bystander)))
        except Crash:
            pass
        except (ServiceUnavailableError, RetryableLedgerError):
            if self.world.is_calm:
                raise
        except AntennactlError as error:
            raise Violation(f"recovery fails: {error}") from error
        finally:
            self._bystanders.remove(bystander)
            database.close()

    def _await(self, is_done: Callable[[], bool], what: str) -> None:
        for _ in range(CALM_STEPS):
            self._keep_up_processes()
            if is_done():
                return
            self._step_somebody(None)
        raise Violation(f"no progress: waited in vain for {what}")

    def _is_all_done(self) -> bool:
        offsets = self.server.tables.offsets
        is_read = all(
            p in offsets and offsets[p].next_offset >= log.end for p, log in enumerate(self.broker.logs)
        )
        if self.is_drain and is_read and self.processes:
            return False  # a drain ends by itself
        return is_read and all(row.is_published for row in self.server.tables.files.values())


def run_seed(
    seed: int,
    mutant: Callable[[], AbstractContextManager[object]] = nullcontext,
    trace: list[str] | None = None,
) -> Outcome:
    """Run one seed, with a mutant of the code where one is given."""
    world = World(seed, trace)
    violation = None
    with simulated_driver(), mutant():
        run = Run(world)
        try:
            run.chaos()
            run.calm()
        except Violation as found:
            violation = str(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            violation = f"{type(error).__name__}: {error}"
    return Outcome(seed, violation, world.n_operations, world.faults, len(run.server.tables.batches))
