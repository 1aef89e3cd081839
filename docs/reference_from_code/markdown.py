"""Text and rows in, Markdown out."""

import re
from collections.abc import Iterable, Sequence


def code(text: str) -> str:
    """Return text set as code; nothing for nothing."""
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Return text in which only code between backticks is Markdown."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([\\<>*_\[\]])", r"\\\1", piece) for piece in pieces
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
