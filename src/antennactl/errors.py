"""Every failure antennactl reports: each class has its exit code, and its docstring is the default message.

The message says what and where, `hint` what to do next. Neither may hold a payload, an e-mail, a password or a DSN.
"""

from typing import ClassVar


class AntennactlError(Exception):
    """antennactl failed"""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.hint = hint


class UsageError(AntennactlError):
    """the command line or the configuration is wrong"""

    exit_code = 2


class ServiceUnavailableError(AntennactlError):
    """a service cannot be reached, or stopped answering"""

    exit_code = 3


class PostgresUnavailableError(ServiceUnavailableError):
    """cannot reach PostgreSQL"""


class PostgresRefusedError(PostgresUnavailableError):
    """PostgreSQL refused the connection"""


class KafkaUnavailableError(ServiceUnavailableError):
    """cannot reach Kafka"""


class KafkaRefusedError(KafkaUnavailableError):
    """Kafka refused this client"""


class RegistryUnavailableError(ServiceUnavailableError):
    """cannot reach the schema registry"""


class RegistryRefusedError(RegistryUnavailableError):
    """the schema registry refused this client"""


class SparkUnavailableError(ServiceUnavailableError):
    """cannot reach Spark"""


class StorageUnavailableError(ServiceUnavailableError):
    """cannot write to the lake"""


class StorageRefusedError(StorageUnavailableError):
    """the lake's store refused this client"""


class NotReadyError(AntennactlError):
    """not ready yet"""

    exit_code = 4


class IncompleteHourError(NotReadyError):
    """the hour is not complete"""


class FileNotReachableError(NotReadyError):
    """a committed lake file is not reachable from this host"""


class InconsistentError(AntennactlError):
    """the data is inconsistent"""

    exit_code = 5


class DataLossError(InconsistentError):
    """records are gone from the topic before they were read"""


class TopicRecreatedError(InconsistentError):
    """the topic was deleted and made again"""


class TooManyRejectsError(InconsistentError):
    """too many messages were rejected"""


class OffsetConflictError(InconsistentError):
    """another consumer moves the same offsets"""


class InterruptedRunError(AntennactlError):
    """interrupted"""

    exit_code = 130
