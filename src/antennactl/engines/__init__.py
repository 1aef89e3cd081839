"""Engines that compute an hour of the lake: DuckDB, in this process."""
