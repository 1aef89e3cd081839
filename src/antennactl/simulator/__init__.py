"""Options and a seed in, device messages out: to Kafka, a file or stdout, with a log of what was sent."""
