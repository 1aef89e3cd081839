"""Chunks of messages that one producer wrote, as a strategy: one template, at times with hostile members or values."""

from typing import Final, NamedTuple

from hypothesis import strategies as st

from unit.decode.corpus import NOW_S

_NAMES: Final = ("timestamp", "bytes", "id", "antenna_id", "app")
_INTEGERS: Final = ("timestamp", "bytes")

# Beside our fields: our names where they are no field of ours, and what may be taken for the end of something.
_PLAIN_MEMBERS: Final = (
    '"x":"1.{}.3"',
    '"x":-70.5',
    '"":null',
    '"x":{"y":[1,2]}',
    '"id ":"x"',
    '"x":"bytes"',
)
_HOSTILE_MEMBERS: Final = (
    *('"x":{"id":"a"}', '"x":{"bytes":7,"y":1}', '"x":{"y":1,"bytes":7}', '"x":["id","bytes"]'),
    *('"id":"i"', '"bytes":1', '"timestamp":946684800', '"app":null', '"antenna_id":{"id":"a"}'),
    *('"\\u0069d":"i"', '"byte\\u0073":1', '"x":"\\"bytes\\":1"', '"x":"a\\\\"'),
    *('"x":{"a":"}{"}', '"{}":"{}"', '"x":NaN', '"":01', '"é":"\u2028"', '"x":{"id":"a"},"id":\n"i"'),
    '"x":{"bytes":7,"y":1},"bytes":\n1',
)
_HOSTILE_INTEGERS: Final = (
    *("-0", "-1", "00", "01", "1e3", "1.0", " 5", "5 ", "+1", "1_0", "0x1", "\u0661", "true", "null", '"1"'),
    *(str(2**40), str(2**40 + 1), "9" * 18, str(2**63 - 1), str(2**63), str(-(2**63)), "9" * 19, "9" * 20),
    *(str(946_684_800 + off) for off in (-1, 0)),
    *(str(NOW_S + 3600 + off) for off in (0, 1)),
    *(f"{NOW_S}000", "[]", '{"bytes":1}'),
)
_HOSTILE_TEXTS: Final = (
    *('""', '"\\n"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"a\\"b"', '"\\\\"', '"\\"'),
    *('"","bytes":1,"y":""', '"a","app":"b"', '"bytes"', '"id"', '":1,"', '"{}"', '"{"', '"}"', '"{{0}}"'),
    *(
        '" a "',
        '"null"',
        '"NaN"',
        '"#"',
        "'a'",
        '"\ufeff"',
        '"\x7f"',
        '"\u2028"',
        '"\x85"',
        "7",
        "null",
        '["x"]',
    ),
    *(
        f'"{character * (256 // len(character.encode()))}{more}"'
        for character in "aé€\U0001f600"
        for more in ("", "a")
    ),
)
# Any of these takes the whole chunk off the path of the layout.
_CONTROLS: Final = ('"a\nb"', '"a\rb"', '"a\tb"', '"a\0b"', '"\x1f"')
_NEIGHBOURS: Final = (None, b"", b" ", b'"', b'"' * 14, b"\xff", b"{}", b"\xef\xbb\xbf{}", b"[1]")
_SPLINTERS: Final = (
    *(bytes([byte]) for byte in b'{}[]",:\\ -.0e1#'),
    *(b'"bytes":1,', b'"id":"x",', b"\\u0000", b"},{", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"9" * 20),
)
_CONTROL_SPLINTERS: Final = (b"\n", b"\r", b"\t", b"\0", b"\n\n", b'"\n"')

_TEXT: Final = st.text("abc-0 ,:{}[]é", min_size=1, max_size=9)


class _Template(NamedTuple):
    """Members in their order (a name of ours, or the text of another one), and what stands between and around."""

    members: tuple[str, ...]
    colon: str
    comma: str
    before: str
    after: str

    def write(self, values: dict[str, str]) -> bytes:
        members = (f'"{m}"{self.colon}{values[m]}' if m in values else m for m in self.members)
        text = f"{self.before}{{{self.comma.join(members)}}}{self.after}"
        return text.encode("utf-8", "surrogatepass")


@st.composite
def messages_alike(draw: st.DrawFn, size: int) -> list[bytes | None]:
    """Draw a chunk of `size` payloads: of most chunks most are plain messages of one template."""
    is_hostile = _is_drawn(draw, 4)
    has_controls = _is_drawn(draw, 10)
    template = draw(_templates(is_hostile=is_hostile, has_controls=has_controls))
    payload = st.builds(template.write, _values(has_controls=has_controls))
    splinters = st.sampled_from(_SPLINTERS + _CONTROL_SPLINTERS * has_controls)
    payloads: list[bytes | None] = []
    for _ in range(size):
        message = draw(payload)
        if _is_drawn(draw, 20):
            payloads.append(draw(st.sampled_from(_NEIGHBOURS)))
        elif _is_drawn(draw, 20):
            start = draw(st.integers(0, len(message)))
            payloads.append(message[:start] + draw(splinters) + message[start + draw(st.integers(0, 2)) :])
        else:
            payloads.append(message)
    return payloads


def _is_drawn(draw: st.DrawFn, one_in: int) -> bool:
    # The ends of a range are drawn far more often than what lies between them.
    return draw(st.integers(0, one_in - 1)) == one_in // 2


@st.composite
def _templates(draw: st.DrawFn, *, is_hostile: bool, has_controls: bool) -> _Template:
    members = list(draw(st.permutations(_NAMES)))
    plain = draw(st.lists(st.sampled_from(_PLAIN_MEMBERS), max_size=2))
    hostile = draw(st.lists(st.sampled_from(_HOSTILE_MEMBERS), min_size=1, max_size=2)) if is_hostile else []
    if is_hostile and draw(st.booleans()):
        members.pop()
    for member in plain + hostile:
        members.insert(draw(st.integers(0, len(members))), member)
    colons, commas = [":", ": ", "  : "], [",", ", ", " ,  "]
    margins = ["", " "]
    if has_controls:
        colons, commas, margins = [*colons, ":\n", "\t:"], [*commas, ",\n", ",\r\n"], [*margins, "\n"]
    if is_hostile:
        margins = [*margins, "", "\ufeff", "{", "}", ",", '"', "x"]
    return _Template(
        tuple(members),
        draw(st.sampled_from(colons)),
        draw(st.sampled_from(commas)),
        draw(st.sampled_from(margins)),
        draw(st.sampled_from(margins)),
    )


@st.composite
def _values(draw: st.DrawFn, *, has_controls: bool) -> dict[str, str]:
    values = {
        "timestamp": str(draw(st.integers(946_684_800, NOW_S + 3600))),
        "bytes": str(draw(st.integers(0, 2**40))),
        **{name: f'"{draw(_TEXT)}"' for name in ("id", "antenna_id", "app")},
    }
    if _is_drawn(draw, 5):
        name = draw(st.sampled_from(_NAMES))
        texts = _HOSTILE_TEXTS + _CONTROLS * has_controls
        values[name] = draw(st.sampled_from(_HOSTILE_INTEGERS if name in _INTEGERS else texts))
    return values
