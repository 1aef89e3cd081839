"""A table of results in, aligned text out."""

from bench.figures import WHY_NOT, Table


def format_table(table: Table) -> str:
    """Return the table as text: numbers to the right, words to the left; why a peer has none stands below."""
    lines = [table.title, ""]
    if table.rows:
        columns = list(dict.fromkeys(name for row in table.rows for name in row if name != WHY_NOT))
        cells = [columns, *([format_value(row.get(name)) for name in columns] for row in table.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
        is_number = [all(not isinstance(row.get(name), str) for row in table.rows) for name in columns]
        for row in cells:
            aligned = (
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(row, widths, is_number, strict=True)
            )
            lines.append("  ".join(aligned).rstrip())
        lines.insert(3, "  ".join("-" * width for width in widths))
    lines += [f"  {row['peer']}: {row[WHY_NOT]}" for row in table.rows if WHY_NOT in row]
    lines += [f"  {note}" for note in table.notes]
    return "\n".join([*lines, ""])


def format_value(value: object) -> str:
    """Return a cell: three digits that count, thousands apart; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        if abs(value) >= 100:  # noqa: PLR2004 - three digits
            return f"{value:,.0f}"
        return f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
