"""What --lake names in, the lake out: a folder of this host, or a part of an object store."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from antennactl.errors import UsageError
from antennactl.lake.layout import Lake
from antennactl.parsers import StoreUrl

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

# No folder of any host: what does not go through the lake's `files` fails at once.
_NOWHERE: Final = Path("/dev/null/lake")
# Short troubles of a store are ridden over here; for long ones the caller has ways of its own.
_RETRIES: Final["RetryConfig"] = {
    "max_retries": 10,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=3),
        "base": 2,
    },
}
_PATIENCE: Final["ClientConfig"] = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=20),
    "timeout": timedelta(minutes=5),
}
_VARIABLES: Final = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE"}


def open_lake(where: Path | StoreUrl, *, absolute: bool = True) -> Lake:
    """Return the lake, a folder by its absolute path unless told otherwise; nothing is read or written yet.

    A store is reached by its own conventions: AWS_*, GOOGLE_* or AZURE_* variables, or the machine's identity. Raises
    UsageError when the extra `object-store` is not installed, or the store's settings contradict each other.
    """
    if isinstance(where, Path):
        return Lake(where.absolute() if absolute else where)
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        from antennactl.lake.scratch import Scratch
        from antennactl.lake.store import StoreFiles
    except ImportError as error:
        message = f"the lake {where} is in an object store, and the client of such stores is not installed"
        raise UsageError(message, hint="pip install 'antennactl[object-store]'") from error
    try:
        store = from_url(where, client_options=_client_options(where, os.environ), retry_config=_RETRIES)
    except (BaseError, ValueError) as error:
        missing = re.search(r"Missing ?\w+", str(error))
        reason = missing[0] if missing else type(error).__name__
        message = f"the lake {where} cannot be reached by the settings of its store: {reason}"
        raise UsageError(message, hint="check the store's environment variables") from error
    return Lake(_NOWHERE, StoreFiles(store, _NOWHERE, Scratch()), str(where))


def _client_options(where: StoreUrl, environ: Mapping[str, str]) -> "ClientConfig":
    """Return how long to wait for what, and whether HTTP without TLS is allowed, as the store's variables have it.

    Options that are given take the place of the variables: the client would not look at this one any more.
    """
    variable = f"{_VARIABLES[where.partition('://')[0]]}_ALLOW_HTTP"
    return {**_PATIENCE, "allow_http": environ.get(variable, "").lower() in {"true", "1", "yes", "on"}}
