"""The three threads of `stream`: intake polls and cuts, transform decodes and stages, commit writes and publishes.

Each stage is an object with a `step`, which never blocks for long; `run` gives each its thread.
"""
