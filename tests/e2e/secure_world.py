"""Commands on services that want TLS and a password, with one thing wrong at a time, and what they printed."""

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from e2e.antennactl_process import COMMAND, WAIT_S, World
from security_services import Certificates, TlsKafka, TlsPostgres
from services import with_database


@dataclass(frozen=True)
class SecureServices:
    """Both servers and the certificates they were given."""

    certificates: Certificates
    postgres: TlsPostgres
    kafka: TlsKafka


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    printed: str
    duration_s: float


@dataclass(frozen=True)
class SecureWorld(World):
    """A world whose commands need passwords; they come by the environment, as `environ` gives them."""

    services: SecureServices = field(kw_only=True)
    database: str = field(kw_only=True)

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        return super().environ({**self.postgres_variables(), **self.kafka_variables(), **(extra or {})})

    def postgres_variables(
        self,
        *,
        password: str | None = None,
        host: str = "localhost",
        ca: Path | None = None,
        mode: str = "verify-full",
    ) -> dict[str, str]:
        """Give what leads to PostgreSQL, right unless something else is said."""
        postgres = self.services.postgres
        dsn = with_database(postgres.dsn(host=host, ca=ca, mode=mode), self.database)
        return {"ANTENNACTL_DSN": dsn, "PGPASSWORD": password or postgres.password}

    def kafka_variables(
        self,
        *,
        password: str | None = None,
        host: str = "localhost",
        ca: Path | None = None,
        user: str | None = None,
        protocol: str | None = None,
    ) -> dict[str, str]:
        """Give what leads to Kafka, right unless something else is said."""
        kafka = self.services.kafka
        properties = kafka.properties(user=user, ca=ca) | {"sasl.password": password or kafka.password}
        properties |= {"security.protocol": protocol} if protocol else {}
        pairs = ";".join(f"{key}={value}" for key, value in properties.items())
        return {"ANTENNACTL_BOOTSTRAP_SERVERS": kafka.servers(host), "ANTENNACTL_X": pairs}

    def secrets(self) -> list[str]:
        """Give what may appear nowhere."""
        return [self.services.postgres.password, self.services.kafka.password]

    def attempt(self, *words: str, env: Mapping[str, str] | None = None) -> Outcome:
        """Run a command to its end, check that it prints no secret, and give how it ended."""
        began = time.monotonic()
        done = subprocess.run(
            [COMMAND, *words],
            env=self.environ(env),
            cwd=self.folder,
            text=True,
            capture_output=True,
            timeout=WAIT_S,
            check=False,
        )
        printed = done.stdout + done.stderr
        for secret in self.secrets():
            assert secret not in printed, f"{words} printed a password"
        return Outcome(done.returncode, printed, time.monotonic() - began)
