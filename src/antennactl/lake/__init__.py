"""The Parquet lake: where its files lie, how they are staged, published and recovered."""
