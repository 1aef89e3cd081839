"""Pure decisions: offsets and ranges, hours, the checks of verify. No I/O and no clock."""
