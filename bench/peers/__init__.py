"""What is measured: programs that find one JSON document in BENCH_TASK, some for environments of their own."""
