"""One account of what happened, shown as a table, lines or JSON."""
