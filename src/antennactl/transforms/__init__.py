"""Pure transformations of frames: enrich with users, totals per window."""
