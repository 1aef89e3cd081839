"""The bytes of one Avro body in, its values out in turn; what does not fit the schema is a BodyError."""

from typing import Final

from antennactl.decode.avro.schema import Type, width_of

_MAX_VARINT: Final = 10
_BITS: Final = 64
_SEVEN_BITS: Final = 0x7F


class BodyError(ValueError):
    """The body is not what its schema says; the message names a place, never the content."""


class Reader:
    """Reads a body from `position` on. Neither its time nor its stack depends on what the bytes claim."""

    def __init__(self, body: bytes, position: int) -> None:
        self._body = body
        self.position = position

    def read_long(self) -> int:
        """Return an int or long."""
        start = self.position
        raw, shift = 0, 0
        for byte in self._body[start : start + _MAX_VARINT]:
            raw |= (byte & _SEVEN_BITS) << shift
            shift += 7
            if byte <= _SEVEN_BITS:
                if raw >> _BITS:
                    break
                self.position = start + shift // 7
                return (raw >> 1) ^ -(raw & 1)
        message = f"no number at byte {start}"
        raise BodyError(message)

    def read_bytes(self) -> bytes:
        """Return the content of bytes or a string."""
        length = self.read_long()
        start = self.position
        self._advance(length)
        return self._body[start : self.position]

    def read_symbol(self, enum: Type) -> str:
        """Return the symbol of an enum."""
        start, number = self.position, self.read_long()
        if not 0 <= number < len(enum.names):
            message = f"no symbol of its enum at byte {start}"
            raise BodyError(message)
        return enum.names[number]

    def choose(self, each: Type) -> Type:
        """Return the type itself, or the branch of a union that is written here."""
        while each.kind == "union":
            start, number = self.position, self.read_long()
            if not 0 <= number < len(each.children):
                message = f"no branch of its union at byte {start}"
                raise BodyError(message)
            each = each.children[number]
        return each

    def skip(self, each: Type) -> None:
        """Pass over a value, whatever lies in it."""
        # What is still to be passed over, the next one last. Items of an array or map stand for those that follow.
        ahead = [each]
        while ahead:
            each = self.choose(ahead.pop())
            width = width_of(each)
            if width is not None:
                self._advance(width)
            elif each.kind in {"int", "long"}:
                self.read_long()
            elif each.kind in {"bytes", "string"}:
                self._advance(self.read_long())
            elif each.kind == "enum":
                self.read_symbol(each)
            elif each.kind == "record":
                # One that takes no bytes may stand for any number of others.
                ahead.extend(reversed(() if each.is_empty else each.children))
            else:
                self._skip_blocks(each, ahead)

    def _skip_blocks(self, each: Type, ahead: list[Type]) -> None:
        """Pass over the blocks of an array or map; items are left `ahead`, with the array once more after them."""
        count = self.read_long()
        if count < 0:
            # The block tells its length, for readers like this one; a wrong one shows where the next thing begins.
            self._advance(self.read_long())
            ahead.append(each)
        elif count > 0:
            ahead.append(each)
            self._leave_items(each, count, ahead)

    def _leave_items(self, each: Type, count: int, ahead: list[Type]) -> None:
        item = each.children[0]
        if each.kind == "map":
            item = Type("record", names=("key", "value"), children=[Type("string"), item])
        if each.kind == "array" and item.is_empty:
            return
        if count > len(self._body) - self.position:
            message = f"more items than bytes at byte {self.position}"
            raise BodyError(message)
        ahead.extend([item] * count)

    def _advance(self, width: int) -> None:
        if not 0 <= width <= len(self._body) - self.position:
            message = f"cut off at byte {self.position}"
            raise BodyError(message)
        self.position += width
