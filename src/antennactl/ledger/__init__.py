"""All of PostgreSQL: transactions, the micro-batch, runs of hours, workers, settings."""
