"""The four threads of `stream`: intake polls and cuts, decoding parses, transform stages, commit writes and publishes.

Each stage is an object with a `step`, which never blocks for long; `run` gives each its thread.
"""
