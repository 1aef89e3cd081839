"""A function that fills Arrow's C structures in, a column out: nothing is copied."""

import ctypes
from collections.abc import Callable
from typing import Any, Final

import polars as pl

from antennactl.native.library import ArrowArrayStruct, ArrowSchemaStruct, load_library

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
# Capsules point to their name: it has to stay.
_SCHEMA_NAME: Final = b"arrow_schema"
_ARRAY_NAME: Final = b"arrow_array"


class _Exported:
    """A struct array on its way to Polars, which takes it over; what it does not take is released."""

    def __init__(self) -> None:
        self.array = ArrowArrayStruct()
        self.schema = ArrowSchemaStruct()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        del requested_schema
        schema = _new_capsule(ctypes.addressof(self.schema), _SCHEMA_NAME, None)
        return schema, _new_capsule(ctypes.addressof(self.array), _ARRAY_NAME, None)


def take_series(fill: Callable[[Any, Any], bool]) -> pl.Series:
    """Return what `fill` puts into the structures that it is given; raises MemoryError when it says false."""
    exported = _Exported()
    if not fill(ctypes.byref(exported.array), ctypes.byref(exported.schema)):
        raise MemoryError
    try:
        return pl.Series(exported)
    finally:
        library = load_library()
        if library is not None:
            library.antennactl_release(ctypes.byref(exported.array), ctypes.byref(exported.schema))
