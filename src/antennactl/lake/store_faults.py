"""Errors of an object store's client in, the system's own errors out: what is gone, refused, or not answered."""

import errno
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Final, TypeVar

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from antennactl.errors import UsageError

_STATUS: Final = re.compile(r"status code: (\d{3}[A-Za-z ]*)")
_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_NO_BUCKET: Final = ("NoSuchBucket", "ContainerNotFound")
# Where the clouds keep the credentials of a machine; asked last, when nothing else gave any.
_METADATA: Final = ("169.254.169.254", "169.254.170.2", "metadata.google.internal")
# What a client says of a connection, and what that is called here.
_CAUSES: Final = {
    "ConnectionRefused": "connection refused",
    "Connection refused": "connection refused",
    "dns error": "its name is not known",
    "TimedOut": "no answer in time",
    "timed out": "no answer in time",
    "certificate": "its certificate is not trusted",
}


_T = TypeVar("_T")
# Python's handlers of signals do not run while the main thread is in a call of the client.
_HEARD_WITHIN_S: Final = 0.2


def ask(question: Callable[[], _T]) -> _T:
    """Return what `question` returns; a signal is heard meanwhile.

    Raises OSError, with the store's own words for the reason, in the place of the client's errors. FileNotFoundError:
    there is no such object. FileExistsError: a conditional write found one. PermissionError: the store refuses.
    UsageError: there is no such bucket. Nothing of a URL gets into a message: one of Azure may hold a key.
    """
    with _translating():
        if threading.current_thread() is threading.main_thread():
            return _ask_aside(question)
        return question()


def _ask_aside(question: Callable[[], _T]) -> _T:
    """Return what `question` returns in a thread that holds up no end of the process."""
    answer: Future[_T] = Future()

    def work() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # noqa: BLE001 - raised again by who asked
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    while not wait([answer], _HEARD_WITHIN_S).done:
        continue
    return answer.result()


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        text = str(error)
        if any(code in text for code in _NO_BUCKET):
            message = "there is no such bucket in the store"
            hint = "check --lake, and the store's address (AWS_ENDPOINT_URL) and region; buckets are not made here"
            raise UsageError(message, hint=hint) from error
        if isinstance(error, AlreadyExistsError | PreconditionError):
            raise FileExistsError(errno.EEXIST, "there is such an object already") from error
        if isinstance(error, FileNotFoundError):
            raise FileNotFoundError(errno.ENOENT, "no such object") from error
        if any(host in text for host in _METADATA):
            reason = "there are no credentials, neither in the environment nor from this machine"
            raise PermissionError(errno.EACCES, reason) from error
        if "URL scheme is not allowed" in text or "BadScheme" in text:
            reason = "HTTP without TLS has to be allowed, as by AWS_ALLOW_HTTP=true"
            raise PermissionError(errno.EACCES, reason) from error
        reason = _find_reason(text)
        if isinstance(error, PermissionDeniedError | UnauthenticatedError) or reason[:3] in {"401", "403"}:
            raise PermissionError(errno.EACCES, reason) from error
        raise OSError(errno.EIO, reason) from error


def _find_reason(text: str) -> str:
    status, code = _STATUS.search(text), _CODE.search(text)
    if status or code:
        words = [found[1].strip() for found in (status, code) if found]
        return " ".join(words)
    cause = next((said for word, said in _CAUSES.items() if word in text), None)
    return f"the store does not answer{f' ({cause})' if cause else ''}"
