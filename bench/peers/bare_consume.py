"""The limit from Python: a tuned consume() loop that takes each payload and does nothing with it."""

import json
import os

from confluent_kafka import Consumer, TopicPartition

# As antennactl's own: queues that keep up, and no pause of a second when one of them was full.
_TUNING = {
    "fetch.queue.backoff.ms": 10,
    "queued.min.messages": 100_000,
    "queued.max.messages.kbytes": 16_384,
    "fetch.message.max.bytes": 1_048_576,
    "fetch.max.bytes": 16_777_216,
    "enable.auto.commit": False,
}


def main() -> None:
    """Read the topic once."""
    task = json.loads(os.environ["BENCH_TASK"])
    consumer = Consumer(
        {**_TUNING, "bootstrap.servers": task["bootstrap_servers"], "group.id": task["group"]}
    )
    known = consumer.list_topics(task["topic"]).topics[task["topic"]].partitions
    consumer.assign([TopicPartition(task["topic"], number, 0) for number in known])
    print(json.dumps({"mark": "start"}), flush=True)
    n_read = n_bytes = 0
    while n_read < task["n_messages"]:
        for message in consumer.consume(10_000, 1.0):
            n_bytes += len(message.value() or b"")
            n_read += 1
    print(json.dumps({"mark": "end"}), flush=True)
    print(json.dumps({"n_messages": n_read, "payload_bytes": n_bytes}))
    consumer.close()


if __name__ == "__main__":
    main()
