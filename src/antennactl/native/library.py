"""The compiled library in, its functions with their types out; None where it is not to be had."""

import ctypes
import logging
from functools import cache
from typing import Final

_log = logging.getLogger("antennactl.stream")
VERSION: Final = 1
"""Of the functions that are called here: another version of the package is not used."""

MOST_VALUES: Final = 15
"""How many values a layout may have: the room in `LayoutStruct`."""


class EventStruct(ctypes.Structure):
    """An error of a partition, or its end."""

    _fields_ = (
        ("code", ctypes.c_int32),
        ("partition", ctypes.c_int32),
        ("offset", ctypes.c_int64),
        ("text", ctypes.c_char * 256),
    )


class MessagesStruct(ctypes.Structure):
    """Payloads end to end, and where each comes from."""

    _fields_ = (
        ("n", ctypes.c_int64),
        ("n_bytes", ctypes.c_int64),
        ("n_events", ctypes.c_int64),
        ("bytes", ctypes.c_void_p),
        ("ends", ctypes.POINTER(ctypes.c_int64)),
        ("is_null", ctypes.POINTER(ctypes.c_uint8)),
        ("partitions", ctypes.POINTER(ctypes.c_int32)),
        ("offsets", ctypes.POINTER(ctypes.c_int64)),
        ("events", ctypes.POINTER(EventStruct)),
    )


class LayoutStruct(ctypes.Structure):
    """What stands around the values of messages that are written alike."""

    _fields_ = (
        ("n_values", ctypes.c_int32),
        ("is_text", ctypes.c_uint8 * (MOST_VALUES + 1)),
        ("names", ctypes.c_char_p * (MOST_VALUES + 1)),
        ("literals", ctypes.c_char_p * (MOST_VALUES + 2)),
        ("sizes", ctypes.c_int64 * (MOST_VALUES + 2)),
    )


class ArrowSchemaStruct(ctypes.Structure):
    """Arrow's C data interface: only `release` is looked at here."""

    _fields_ = (
        ("before", ctypes.c_void_p * 3),
        ("numbers", ctypes.c_int64 * 2),
        ("children", ctypes.c_void_p * 2),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class ArrowArrayStruct(ctypes.Structure):
    """Arrow's C data interface: only `release` is looked at here."""

    _fields_ = (
        ("numbers", ctypes.c_int64 * 5),
        ("before", ctypes.c_void_p * 3),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


_MESSAGES: Final = ctypes.POINTER(MessagesStruct)
_ARROW: Final = (ctypes.POINTER(ArrowArrayStruct), ctypes.POINTER(ArrowSchemaStruct))
_SIGNATURES: Final = {
    "antennactl_link": (ctypes.c_bool, ()),
    "antennactl_take_client": (ctypes.c_void_p, ()),
    "antennactl_queue_new": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "antennactl_queue_destroy": (None, (ctypes.c_void_p,)),
    "antennactl_forward": (
        None,
        (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t),
    ),
    "antennactl_gather": (_MESSAGES, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)),
    "antennactl_pack": (
        _MESSAGES,
        (ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
    ),
    "antennactl_free": (None, (_MESSAGES,)),
    "antennactl_cut": (ctypes.c_bool, (_MESSAGES, ctypes.POINTER(LayoutStruct), *_ARROW)),
    "antennactl_payloads": (ctypes.c_bool, (_MESSAGES, *_ARROW)),
    "antennactl_places": (ctypes.c_bool, (_MESSAGES, *_ARROW)),
    "antennactl_release": (None, _ARROW),
}


@cache
def load_library() -> ctypes.CDLL | None:
    """Return the library, linked to the librdkafka that is loaded; None where it is not there or does not fit.

    Why it is not used is logged once. Its functions run without the interpreter's lock.
    """
    try:
        import confluent_kafka  # noqa: F401 - loads the librdkafka that the library links to
        from antennactl_native import LIBRARY

        library = ctypes.CDLL(str(LIBRARY))
        is_ours = library.antennactl_version() == VERSION
        for name, (result, arguments) in _SIGNATURES.items() if is_ours else ():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except ImportError:
        return None
    except (OSError, AttributeError) as error:  # no such file, or no such function in it
        _log.warning("antennactl-native is not used: %s", error)
        return None
    if not is_ours:
        _log.warning("antennactl-native is not used: it is of another version; upgrade both")
        return None
    if not library.antennactl_link():
        _log.warning("antennactl-native is not used: this librdkafka lacks what it needs")
        return None
    return library
