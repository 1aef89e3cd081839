"""Real PostgreSQL and Kafka for `demo` and the tests: a folder in, running services and their addresses out.

Everything comes from packages of the extra `local`; nothing is installed on the machine. Servers listen on
free loopback ports and end with the process that started them, however that one ends, unless they are
released.
"""

from antennactl.local.kafka import Kafka, start_kafka
from antennactl.local.postgres import Postgres, start_postgres
from antennactl.local.progress import Progress, print_step
from antennactl.local.services import LocalServices, start_services

__all__ = [
    "Kafka",
    "LocalServices",
    "Postgres",
    "Progress",
    "print_step",
    "start_kafka",
    "start_postgres",
    "start_services",
]
