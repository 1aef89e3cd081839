"""Messages as producers got them wrong, or unusually right, each with what must become of it."""

from typing import Final, NamedTuple

NOW_S: Final = 1_800_000_000
"""The clock of every case, in epoch seconds."""

EVENT: Final = "event"

_FIELDS: Final = {
    "bytes": "9082",
    "timestamp": "1600545287",
    "app": '"SKYPE"',
    "id": '"00000000-0000-0000-0000-000000000001"',
    "antenna_id": '"00000000-0000-0000-0000-000000000000"',
}


class Case(NamedTuple):
    """A payload and its outcome: EVENT or a word of REASONS."""

    name: str
    payload: bytes | None
    expected: str


def write_message(*, more: str = "", drop: str = "", **fields: str) -> str:
    """Write the plain message with fields replaced by JSON text, one dropped, and more members at the end."""
    members = [f'"{name}":{text}' for name, text in (_FIELDS | fields).items() if name != drop]
    return "{" + ",".join(members) + more + "}"


GOOD: Final = write_message()


def _events() -> list[tuple[str, str]]:
    return [
        ("plain", GOOD),
        ("spaces between tokens", GOOD.replace(":", " : ").replace(",", " , ")),
        ("python's own spacing", GOOD.replace('":', '": ').replace(",", ", ")),
        ("tabs around", f"\t{GOOD}\t"),
        ("newlines between tokens", GOOD.replace(",", ",\n").replace("{", "{\n")),
        ("carriage returns", GOOD.replace(",", ",\r\n")),
        ("newline after", GOOD + "\n"),
        ("newline before", "\n" + GOOD),
        ("another order", '{"app":"A","antenna_id":"b","id":"c","timestamp":1600545287,"bytes":1}'),
        ("a short name of one character", write_message(id='"x"')),
        ("user id equals antenna id", write_message(id='"same"', antenna_id='"same"')),
        ("text that looks like a key", write_message(app='"bytes"', id='"timestamp"', antenna_id='"app"')),
        ("text with structure", write_message(app='"{[:,]}"')),
        ("text with a newline escaped", write_message(app='"a\\nb"')),
        ("text with U+0001 escaped", write_message(app='"a\\u0001b"')),
        ("text with a quote escaped", write_message(app='"a\\"b"')),
        ("text that ends in a backslash", write_message(app='"a\\\\"')),
        ("text with a slash escaped", write_message(app='"a\\/b"')),
        ("text that smuggles a member", write_message(app='"a\\",\\"bytes\\":7,\\"x\\":\\""')),
        ("text of one space", write_message(app='" "')),
        ("text with DEL", write_message(app='"a\x7fb"')),
        ("text with U+0080", write_message(app='"a\x80b"')),
        ("text with U+2028", write_message(app='"a\u2028b"')),
        ("text with U+FFFF", write_message(app='"a\uffffb"')),
        ("text with a byte order mark inside", write_message(app='"\ufeffa"')),
        ("text with an emoji", write_message(app='"\U0001f600"')),
        ("text with a surrogate pair escaped", write_message(app='"\\ud83d\\ude00"')),
        ("text with an escaped letter", write_message(app='"\\u0053KYPE"')),
        ("text with the last code point", write_message(app='"\U0010ffff"')),
        ("text in combining characters", write_message(app='"e\u0301"')),
        ("text of digits", write_message(id='"7"')),
        ("text null", write_message(id='"null"')),
        ("text NaN", write_message(id='"NaN"')),
        ("text with 40 brackets", write_message(app='"' + "[{" * 20 + '"')),
        ("text with 600 brackets beside", write_message(more=',"x":"' + "[" * 600 + '"')),
        ("text that closes 20 levels", write_message(app='"\\"]"', more=f',"x":{"[" * 20 + "]" * 20}')),
        ("256 bytes", write_message(id='"' + "a" * 256 + '"')),
        ("256 bytes of two each", write_message(id='"' + "é" * 128 + '"')),
        ("256 bytes of four each", write_message(id='"' + "\U0001f600" * 64 + '"')),
        ("256 bytes of four each, escaped", write_message(id='"' + "\\ud83d\\ude00" * 64 + '"')),
        ("zero bytes", write_message(bytes="0")),
        ("minus zero bytes", write_message(bytes="-0")),
        ("2^40 bytes", write_message(bytes=str(2**40))),
        ("the first second of 2000", write_message(timestamp="946684800")),
        ("exactly an hour ahead", write_message(timestamp=str(NOW_S + 3600))),
        ("key escaped", GOOD.replace('"bytes"', '"byt\\u0065s"')),
        ("all of a key escaped", GOOD.replace('"id"', '"\\u0069\\u0064"')),
    ]


def _unknown_fields() -> list[tuple[str, str]]:
    values = {
        "text": '"x"',
        "empty text": '""',
        "escaped text": '"\\t\\u00e9\\\\"',
        "U+0000": '"\\u0000"',
        "half a surrogate pair": '"\\ud800"',
        "surrogates the wrong way round": '"\\ude00\\ud83d"',
        "integer": "7",
        "negative integer": "-7",
        "minus zero": "-0",
        "fraction": "-70.25",
        "long fraction": "0." + "1" * 400,
        "exponent": "1e3",
        "1e400": "1e400",
        "1e-400": "1e-400",
        "2^63": str(2**63),
        "5,000 digits": "9" * 5000,
        "minus 5,000 digits": "-" + "9" * 5000,
        "true": "true",
        "false": "false",
        "null": "null",
        "array": "[1,[2,[]]]",
        "object": '{"a":{"b":[]}}',
        "object with our names": '{"bytes":1,"bytes":2,"id":null}',
        "array of texts like keys": '["bytes","id"]',
        "text like a member": '"\\"bytes\\":1"',
        "512 levels": "[" * 511 + "]" * 511,
        "512 levels of objects": '{"a":' * 510 + "{}" + "}" * 510,
        "many values in few levels": "[" + "[[],{}]," * 500 + "0]",
        "a bracket after an escaped quote": '[["\\"]"],' + "[]," * 20 + "0]",
        "brackets in nested text": '[["]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[[[", "\\"[[["]]',
    }
    names = {
        "empty name": "",
        "upper case name": "BYTES",
        "name with a space": "bytes ",
        "prefix of a name": "antenna",
        "longer name": "antenna_id2",
        "name of two": "ap",
        "escaped other name": "byt\\u0065",
        "name with U+0000": "\\u0000",
        "name of half a pair": "\\udc00",
        "unicode name": "é",
        "other letters that look alike": "bуtes",  # noqa: RUF001 - a Cyrillic letter on purpose
    }
    repeated = ',"x":1,"x":2'
    return [
        *((f"unknown {name}", write_message(more=f',"x":{text}')) for name, text in values.items()),
        *((f"unknown {name}", write_message(more=f',"{key}":1')) for name, key in names.items()),
        ("unknown twice", write_message(more=repeated)),
        ("unknown first", '{"x":1,' + GOOD[1:]),
        ("unknown between", GOOD.replace(',"app"', ',"x":[],"y":{},"app"')),
        ("unknown named like two of ours", write_message(more=',"id,bytes":1,"apps":"x"')),
        ("a hundred unknown", write_message(more="".join(f',"x{i}":{i}' for i in range(100)))),
    ]


def _not_text() -> list[Case]:
    good = GOOD.encode()
    return [
        Case("tombstone", None, "empty"),
        Case("empty payload", b"", "empty"),
        Case("one space", b" ", "empty"),
        Case("white space only", b" \t\r\n ", "empty"),
        Case("a no-break space", "\u00a0".encode(), "not_json"),
        Case("vertical tab", b"\x0b", "not_json"),
        Case("one NUL byte", b"\0", "not_json"),
        Case("byte 0xff", b"\xff", "not_utf8"),
        Case("0xff in text", good.replace(b"SKYPE", b"SK\xffPE"), "not_utf8"),
        Case("0xff in an unknown field", good[:-1] + b',"x":"\xff"}', "not_utf8"),
        Case("0xff after the object", good + b"\xff", "not_utf8"),
        Case("Latin-1", good.replace(b"SKYPE", "é".encode("latin-1")), "not_utf8"),
        Case("overlong slash", good.replace(b"SKYPE", b"\xc0\xaf"), "not_utf8"),
        Case("overlong NUL", good.replace(b"SKYPE", b"\xc0\x80"), "not_utf8"),
        Case("overlong quote", good.replace(b"SKYPE", b"\xe0\x80\xa2"), "not_utf8"),
        Case("surrogate as UTF-8", good.replace(b"SKYPE", b"\xed\xa0\x80"), "not_utf8"),
        Case("surrogate pair as UTF-8", good.replace(b"SKYPE", b"\xed\xa0\xbd\xed\xb8\x80"), "not_utf8"),
        Case("past the last code point", good.replace(b"SKYPE", b"\xf4\x90\x80\x80"), "not_utf8"),
        Case("character cut off", good.replace(b"SKYPE", b"\xe2\x82"), "not_utf8"),
        Case("byte order mark", b"\xef\xbb\xbf" + good, "not_json"),
        Case("byte order mark alone", b"\xef\xbb\xbf", "not_json"),
        Case("UTF-16 with its mark", GOOD.encode("utf-16"), "not_utf8"),
        Case("UTF-16 little endian", GOOD.encode("utf-16-le"), "not_json"),
        Case("UTF-16 big endian", GOOD.encode("utf-16-be"), "not_json"),
        Case("UTF-32 little endian", GOOD.encode("utf-32-le"), "not_json"),
        Case("UTF-32 with its mark", GOOD.encode("utf-32"), "not_utf8"),
        Case("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "not_utf8"),
        Case("schema registry header", b"\0\0\0\0\x07" + good, "not_json"),
        Case("the longest", good + b" " * (65_536 - len(good)), EVENT),
        Case("one byte longer", good + b" " * (65_537 - len(good)), "too_large"),
        Case("10 MiB of a", b"a" * 10 * 2**20, "too_large"),
        Case("10 MiB of white space", b" " * 10 * 2**20, "too_large"),
        Case("10 MiB text field", write_message(id='"' + "a" * 10 * 2**20 + '"').encode(), "too_large"),
        Case("too large and not UTF-8", b"\xff" * 65_537, "too_large"),
        Case("too deep and not UTF-8", b"[" * 600 + b"\xff", "not_utf8"),
    ]


def _not_one_object() -> list[tuple[str, str, str]]:
    bad_json = {
        "one brace": "{",
        "braces the wrong way": "}{",
        "a number in braces": "{1}",
        "newline smuggling": "{2}\n{999}",
        "two objects on two lines": f"{GOOD}\n{GOOD}",
        "two objects": GOOD + GOOD,
        "two objects with a comma": f"{GOOD},{GOOD}",
        "trailing garbage": GOOD + "x",
        "trailing brace": GOOD + "}",
        "trailing NUL": GOOD + "\0",
        "trailing comma after": GOOD + ",",
        "trailing comma inside": GOOD[:-1] + ",}",
        "leading comma": "{," + GOOD[1:],
        "no comma": GOOD.replace(",", " "),
        "two commas": GOOD.replace(",", ",,"),
        "semicolons": GOOD.replace(",", ";"),
        "equal signs": GOOD.replace(":", "="),
        "cut off": GOOD[:-1],
        "cut off in text": GOOD[:-5],
        "single quotes": GOOD.replace('"', "'"),
        "keys without quotes": GOOD.replace('"bytes"', "bytes"),
        "line comment": GOOD + "// done",
        "block comment": GOOD.replace(",", ",/**/", 1),
        "hash comment": "# x\n" + GOOD,
        "NaN": write_message(bytes="NaN"),
        "Infinity": write_message(bytes="Infinity"),
        "minus Infinity": write_message(bytes="-Infinity"),
        "NaN in an unknown field": write_message(more=',"x":NaN'),
        "NaN deep in an unknown field": write_message(more=',"x":[[-Infinity]]'),
        "NaN alone": "NaN",
        "undefined": write_message(bytes="undefined"),
        "None": write_message(bytes="None"),
        "True": write_message(bytes="True"),
        "leading zero": write_message(bytes="01"),
        "two zeros": write_message(bytes="00"),
        "minus leading zero": write_message(bytes="-01"),
        "plus sign": write_message(bytes="+1"),
        "minus alone": write_message(bytes="-"),
        "hexadecimal": write_message(bytes="0x10"),
        "underscore": write_message(bytes="1_000"),
        "point at the end": write_message(bytes="1."),
        "point at the start": write_message(bytes=".5"),
        "exponent without digits": write_message(bytes="1e"),
        "digits of another script": write_message(bytes="\u0661"),
        "full-width digit": write_message(bytes="\uff11"),
        "raw newline in text": write_message(app='"a\nb"'),
        "raw tab in text": write_message(app='"a\tb"'),
        "raw NUL in text": write_message(app='"a\0b"'),
        "raw U+001F in text": write_message(app='"a\x1fb"'),
        "raw newline in a key": GOOD.replace('"bytes"', '"by\ntes"'),
        "raw newline in an unknown field": write_message(more=',"x":"\n"'),
        "unknown escape": write_message(app='"\\x41"'),
        "escape cut off": write_message(app='"\\u12"'),
        "escape not hexadecimal": write_message(app='"\\u00zz"'),
        "escape of a quote at the end": write_message(app='"a\\"'),
        "no-break space between tokens": GOOD.replace(",", ",\u00a0"),
        "form feed between tokens": GOOD.replace(",", ",\f"),
        "text without an end": '{"app":"' + "[" * 100,
        "array closed by a brace": write_message(more=',"x":[}'),
        "500 levels not closed": "[" * 500,
        "400 levels closed wrongly": write_message(more=',"x":' + "[" * 400 + "}" * 400),
        "400 levels with a comma": write_message(more=',"x":' + "[" * 400 + "," + "]" * 400),
        "closed too often": "[" * 20 + "]" * 21,
        "closed first": "]" + "[" * 20,
        "20 levels, two values": write_message(more=',"x":' + "[" * 20 + "1 2" + "]" * 20),
        "20 levels, then NaN": write_message(more=',"x":' + "[" * 20 + "]" * 20 + ',"y":NaN'),
        "key that is a number": "{1:2}",
        "key that is an object": "{{}:1}",
        "CSV": "9082,1600545287,SKYPE,1,2",
        "XML": "<device/>",
        "words": "hello world",
        "true twice": "truetrue",
    }
    not_objects = {
        "array": "[1]",
        "empty array": "[]",
        "array of a good message": f"[{GOOD}]",
        "array of pairs": '[["bytes",1]]',
        "text": '"x"',
        "text of 40 brackets": '"' + "[" * 40 + '"',
        "a good message as text": '"' + GOOD.replace('"', '\\"') + '"',
        "number": "7",
        "fraction": "7.5",
        "5,000 digits": "9" * 5000,
        "true": "true",
        "null": "null",
        "null with spaces": " null ",
        "array of 30 objects": "[" + ",".join(["{}"] * 30) + "]",
    }
    too_deep = {
        "513 levels": write_message(more=',"x":' + "[" * 512 + "]" * 512),
        "513 levels of objects": write_message(more=',"x":' + '{"a":' * 511 + "{}" + "}" * 511),
        "10,000 levels": "[" * 10_000 + "]" * 10_000,
        "60,000 levels not closed": "[" * 60_000,
        "deep after an error": "}" + '{"a":' * 514,
        "deep, then an error": "[}" + "[" * 600,
        "deep inside our field": write_message(bytes="[" * 600 + "]" * 600),
    }
    return [
        *((name, text, "not_json") for name, text in bad_json.items()),
        *((f"{name} at the top", text, "not_object") for name, text in not_objects.items()),
        *((name, text, "too_deep") for name, text in too_deep.items()),
        ("100,000 levels", "[" * 100_000, "too_large"),
    ]


def _wrong_members() -> list[tuple[str, str, str]]:
    every = tuple(_FIELDS)
    texts = ("id", "antenna_id", "app")
    integers = ("bytes", "timestamp")
    not_integers = ("5.0", "1.9", "1e3", "1E3", "1e400", "1600545287.0", "true", "false", '"1"', "[]", "{}")
    not_texts = ("7", "0", "1.5", "true", "false", "[]", "{}", '["x"]', "9" * 5000)
    return [
        ("no members", "{}", "missing_field"),
        ("no members, spaced", "{ \n }", "missing_field"),
        *((f"no {name}", write_message(drop=name), "missing_field") for name in every),
        *((f"{name} null", write_message(**{name: "null"}), "missing_field") for name in every),
        ("name in upper case", GOOD.replace('"bytes"', '"Bytes"'), "missing_field"),
        ("name with a space", GOOD.replace('"bytes"', '"bytes "'), "missing_field"),
        *(
            (f"{name} twice", write_message(more=f',"{name}":{_FIELDS[name]}'), "duplicate_key")
            for name in every
        ),
        ("bytes twice, another spelling", write_message(more=',"byt\\u0065s":9082'), "duplicate_key"),
        ("bytes twice, both spelled so", GOOD.replace('"app"', '"\\u0062ytes":1,"app"'), "duplicate_key"),
        ("bytes twice, then null", write_message(more=',"bytes":null'), "duplicate_key"),
        ("bytes twice, no app", write_message(more=',"bytes":9082', drop="app"), "duplicate_key"),
        (
            "bytes three times, two missing",
            '{"bytes":1,"bytes":1,"bytes":1,"app":"a","id":"b"}',
            "duplicate_key",
        ),
        ("bytes twice, and unknown", write_message(more=',"x":1,"bytes":[]'), "duplicate_key"),
        *((f"{n} {v}", write_message(**{n: v}), "wrong_type") for n in integers for v in not_integers),
        *((f"{n} {v:.9}", write_message(**{n: v}), "wrong_type") for n in texts for v in not_texts),
        *(
            (f"{name} of 20 levels", write_message(**{name: "[" * 20 + "]" * 20}), "wrong_type")
            for name in every
        ),
        *(
            (f"{name} of 20 arrays", write_message(**{name: f'{{"x":{[[]] * 20}}}'}), "wrong_type")
            for name in every
        ),
        *((f"{name} empty", write_message(**{name: '""'}), "empty_field") for name in texts),
        *((f"{name} with U+0000", write_message(**{name: '"a\\u0000"'}), "bad_text") for name in texts),
        *((f"{name} with half a pair", write_message(**{name: '"\\ud800"'}), "bad_text") for name in texts),
        ("low half alone", write_message(app='"a\\udc00b"'), "bad_text"),
        ("halves the wrong way round", write_message(app='"\\ude00\\ud83d"'), "bad_text"),
        ("high half, then a letter", write_message(app='"\\ud83dx"'), "bad_text"),
        ("bad text that is too long", write_message(app='"' + "\\u0000" * 300 + '"'), "bad_text"),
        *((f"{n} of 257 bytes", write_message(**{n: f'"{"a" * 257}"'}), "field_too_long") for n in texts),
        ("257 bytes in 129 characters", write_message(id='"a' + "é" * 128 + '"'), "field_too_long"),
        ("258 bytes of three each", write_message(id='"' + "€" * 86 + '"'), "field_too_long"),
        ("260 bytes, escaped", write_message(id='"' + "\\ud83d\\ude00" * 65 + '"'), "field_too_long"),
    ]


def _out_of_range() -> list[tuple[str, str, str]]:
    bytes_texts = (
        "-1",
        str(2**40 + 1),
        "999999999999999999",
        str(2**63),
        str(-(2**63)),
        str(2**64),
        "9" * 5000,
    )
    timestamps = {
        "946684799": "timestamp_out_of_range",
        "0": "timestamp_out_of_range",
        "-0": "timestamp_out_of_range",
        "-1600545287": "timestamp_out_of_range",
        str(NOW_S + 3601): "timestamp_out_of_range",
        str(2**32): "timestamp_out_of_range",
        str(2**62): "timestamp_out_of_range",
        str(2**63): "timestamp_out_of_range",
        str(-(2**63)): "timestamp_out_of_range",
        "3" * 18: "timestamp_out_of_range",
        "9" * 18: "timestamp_unit",
        "9" * 19: "timestamp_out_of_range",
        "9" * 5000: "timestamp_out_of_range",
        "-" + "9" * 5000: "timestamp_out_of_range",
        "1600545287000": "timestamp_unit",
        "1600545287000000": "timestamp_unit",
        "1600545287000000000": "timestamp_unit",
        "1600545287123": "timestamp_unit",
        "946684800000": "timestamp_unit",
        "946684799999": "timestamp_out_of_range",
        str((NOW_S + 3600) * 1000): "timestamp_unit",
        str((NOW_S + 3601) * 1000): "timestamp_out_of_range",
        str((NOW_S + 3600) * 10**9): "timestamp_unit",
    }
    return [
        *((f"bytes {t:.20}", write_message(bytes=t), "bytes_out_of_range") for t in bytes_texts),
        ("minus 5,000 digits of bytes", write_message(bytes="-" + "9" * 5000), "bytes_out_of_range"),
        *(
            (f"timestamp {t:.20} of {len(t)}", write_message(timestamp=t), why)
            for t, why in timestamps.items()
        ),
    ]


def _first_reason_wins() -> list[tuple[str, str, str]]:
    return [
        ("empty before everything", " " * 600, "empty"),
        ("duplicate before missing", '{"bytes":1,"bytes":2}', "duplicate_key"),
        ("missing before wrong type", write_message(timestamp='"x"', drop="app"), "missing_field"),
        ("timestamp before id", write_message(timestamp="1", id="1"), "timestamp_out_of_range"),
        ("id before antenna_id", write_message(id="1", antenna_id='""'), "wrong_type"),
        ("antenna_id before bytes", write_message(antenna_id='""', bytes="-1"), "empty_field"),
        ("bytes before app", write_message(bytes="-1", app='""'), "bytes_out_of_range"),
    ]


def _list_cases() -> tuple[Case, ...]:
    accepted = [(name, text, EVENT) for name, text in (*_events(), *_unknown_fields())]
    judged = (*accepted, *_not_one_object(), *_wrong_members(), *_out_of_range(), *_first_reason_wins())
    return (*(Case(name, text.encode(), expected) for name, text, expected in judged), *_not_text())


CASES: Final = _list_cases()
