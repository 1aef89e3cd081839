"""Messages of a field map, as a strategy: plain ones, and ones with hostile members and values at any level."""

from typing import Any, Final

from hypothesis import strategies as st

from antennactl.decode import FieldMap
from antennactl.decode.mapped_guard import Tree, make_tree
from unit.decode.corpus import NOW_S

MAPS: Final = {
    "exercise in ms": FieldMap(unit="ms"),
    "exercise in us": FieldMap(unit="us"),
    "exercise in iso": FieldMap(unit="iso"),
    "nested": FieldMap.of(
        {
            "timestamp": "meta.ts",
            "id": "user.id",
            "antenna_id": "cell.antenna.id",
            "bytes": "usage.bytes",
            "app": "app",
        },
        "ms",
    ),
    "one object": FieldMap.of(
        {
            "timestamp": "d.t",
            "id": "d.user",
            "antenna_id": "d.users",
            "bytes": "d.n",
            "app": r"d.a\.b",
        },
        "iso",
    ),
    "odd names": FieldMap.of(
        {"timestamp": "@t]", "id": "a-b", "antenna_id": "^é", "bytes": "$(n)", "app": "x y"}, "us"
    ),
}

_HOSTILE_MEMBERS: Final = (
    *('"x":-70.5', '"x":{"y":1,"z":"a"}', '"x":[1,"b",null,true]', '"x":{}', '"x":[]', '"":null'),
    *('"x":"a\\"b"', '"x":"\\u00e9"', '"x":"\\ud800"', '"x":1e3', '"x":1e999', '"x":12345678901234567890'),
    *('"x":{"y":{"z":1}}', '"x":[[1]]', '"x":[[[1]]]', '"x":NaN', '"":01', '"x":{"y":1,"y":2}'),
    *(
        '"id":1',
        '"bytes":1',
        '"ts":1',
        '"user":{"id":"i"}',
        '"user":1',
        '"meta":null',
        '"cell":{"antenna":{}}',
    ),
    *('"\\u0069d":"i"', '"us\\u0065r":{"id":"i"}', '"d":{}', '"a.b":"c"', '"userx":{"id":"y"}', '"use":"r"'),
)
_INTEGERS: Final = (
    *("-0", "-1", "00", "1e3", "1.0", "null", "true", '"1"', "[]", "{}", str(2**40), str(2**40 + 1)),
    *("9" * 18, str(2**63 - 1), str(2**63), "9" * 20, f"{NOW_S}", f"{NOW_S}000", f"{NOW_S}000000"),
    *(str((946_684_800 + off) * 1000 + more) for off in (-1, 0) for more in (0, 999)),
    *(
        str((NOW_S + 3600 + off) * per + more)
        for off in (0, 1)
        for per in (1000, 10**6)
        for more in (-1, 0, 1)
    ),
)
_TEXTS: Final = (
    *('""', '"\\n"', '"\\u0000"', '"\\ud800"', '"a\\"b"', '"é"', '"\u2028"', '"' + "x" * 257 + '"', "7"),
    *("null", '" "', '"{"', '"}"', '"a","id":"b"'),
)
_TIMES: Final = (
    *(
        '"2026-11-24T06:30:00Z"',
        '"2026-11-24T06:30:00.25Z"',
        '"2026-11-24 06:30:00Z"',
        '"2026-11-24T06:30:00"',
    ),
    *('"2026-11-24T06:30:00+01:00"', '"2026-11-24T06:30:00.123456789-05:30"', '"2026-11-24T06:30:00+0100"'),
    *('"2026-02-29T00:00:00Z"', '"2024-02-29T00:00:00Z"', '"2026-11-24T24:00:00Z"', '"2026-11-24T06:30:60Z"'),
    *(
        '"2026-11-24T06:30:00.Z"',
        '"2026-11-24T06:30:00z"',
        '"2026-11-24"',
        '"20261124T063000Z"',
        '"yesterday"',
    ),
    *('"0000-01-01T00:00:00Z"', '"9999-12-31T23:59:59-23:59"', '"1999-12-31T23:59:59.999999Z"', "7", "null"),
    *('"2000-01-01T00:00:00Z"', '"1999-12-31T23:30:00-00:30"', '"2000-01-01T00:00:00+00:01"', '""'),
    *(
        '"2026-11-24T06:30:00.1234567890123456789Z"',
        '"2026-11-24T06:30:00+24:00"',
        '"2026-11-24T06:30:00-01:60"',
    ),
    *('"\u0662026-11-24T06:30:00Z"', '"2027-01-15T09:00:00Z"', '"2027-01-15T09:00:00.999999Z"'),
    *('"2027-01-15T09:00:01Z"', '"2027-01-15T10:00:00+01:00"'),
)
_PLAIN_TEXT: Final = st.text("abcdef0123456789-", min_size=1, max_size=36)


@st.composite
def mapped_messages(draw: st.DrawFn, fields: FieldMap) -> bytes:
    """One message; about half of them are plain."""
    hostility = draw(st.sampled_from([0, 0, 0, 20, 4]))
    text = _object(draw, make_tree(fields), fields.unit, hostility)
    margin = draw(st.sampled_from(["", "", " ", "\n"]))
    message = (margin + text + margin).encode("utf-8", "surrogatepass")
    if hostility and draw(st.integers(0, 9)) == 0:
        cut = draw(st.integers(0, len(message)))
        message = message[:cut] + draw(st.binary(max_size=2)) + message[cut + draw(st.integers(0, 2)) :]
    return message


def _object(draw: st.DrawFn, tree: Tree, unit: str, hostility: int) -> str:
    members = [f'"{name}":{_value(draw, value, unit, hostility)}' for name, value in tree.items()]
    if draw(st.booleans()):
        members.append(draw(st.sampled_from(_HOSTILE_MEMBERS[:6])))
    if _strikes(draw, hostility):
        members.append(draw(st.sampled_from(_HOSTILE_MEMBERS)))
    if _strikes(draw, hostility):
        members.pop(draw(st.integers(0, len(members) - 1)))
    members = draw(st.permutations(members))
    comma = draw(st.sampled_from([",", ", ", ",\n"]))
    return "{" + comma.join(members) + "}"


def _value(draw: st.DrawFn, value: Any, unit: str, hostility: int) -> str:
    if not isinstance(value, str):
        return _object(draw, value, unit, hostility)
    odd: tuple[str, ...]
    if value == "timestamp" and unit == "iso":
        odd, plain = _TIMES, st.sampled_from(_TIMES[:2])
    elif value in {"timestamp", "bytes"}:
        per_second = {"s": 1, "ms": 1000, "us": 10**6}.get(unit, 1)
        low, high = (946_684_800 * per_second, NOW_S * per_second) if value == "timestamp" else (0, 2**40)
        odd, plain = _INTEGERS, st.integers(low, high).map(str)
    else:
        odd, plain = _TEXTS, _PLAIN_TEXT.map(lambda text: f'"{text}"')
    return draw(st.sampled_from(odd)) if _strikes(draw, hostility) else draw(plain)


def _strikes(draw: st.DrawFn, hostility: int) -> bool:
    return bool(hostility) and draw(st.integers(1, hostility)) == 1
