"""antennactl: device traffic from Kafka to a Parquet lake, live totals and hourly quota checks, exactly once."""

__version__ = "0.1.0"
