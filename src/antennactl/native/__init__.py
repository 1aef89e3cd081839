"""The optional native part, package antennactl-native: messages out of librdkafka, cut into columns, in C.

Nothing depends on it: without the package, or on a machine where it does not load, the same results come from Python.
"""

from antennactl.native.columns import cut_values
from antennactl.native.library import load_library
from antennactl.native.messages import Messages, pack_messages
from antennactl.native.queue import MessageQueue, make_queue, plugin_property

__all__ = [
    "MessageQueue",
    "Messages",
    "cut_values",
    "load_library",
    "make_queue",
    "pack_messages",
    "plugin_property",
]
