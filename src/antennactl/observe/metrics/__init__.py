"""Micro-batches and runs in, metrics for Prometheus out: over HTTP, or in a file for the textfile collector.

prometheus-client is imported by the modules of this folder; import them only when an outlet was asked for.
"""
