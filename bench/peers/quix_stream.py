"""Quix Streams, as near to the job as it comes: three sums a window, keyed by its own topics; no lake or tables."""

import json
import os
import time
from datetime import timedelta
from typing import Any

from quixstreams import Application

_KEYS = ("antenna_id", "id", "app")
_QUIET_S = 4.0


def main() -> None:
    """Read the topic once; it is at the end when nothing has come for a while."""
    task = json.loads(os.environ["BENCH_TASK"])
    seen = {"n": 0, "first": 0.0, "last": 0.0}
    app = Application(
        broker_address=task["bootstrap_servers"],
        consumer_group=task["group"],
        auto_offset_reset="earliest",
        state_dir=f"{task['folder']}/quix",
        loglevel="ERROR",
    )
    topic = app.topic(
        task["topic"],
        value_deserializer="json",
        key_deserializer="bytes",
        timestamp_extractor=lambda value, *_: value["timestamp"] * 1000,
    )
    messages = app.dataframe(topic)
    window, grace = timedelta(seconds=task["window_s"]), timedelta(hours=3)
    for key in _KEYS:
        # Without a key of its own a message reaches no window: each sum goes through a topic that is keyed so.
        keyed = messages.group_by(key).update(lambda _: _note(seen))
        keyed.apply(lambda value: value["bytes"]).tumbling_window(
            window, grace_ms=grace, name=key
        ).sum().final()
    app.run(timeout=_QUIET_S, collect=False)
    print(json.dumps({"mark": "end", "ago_s": time.monotonic() - seen["last"]}), flush=True)
    print(json.dumps({"n_summed": seen["n"]}))


def _note(seen: dict[str, Any]) -> None:
    seen["last"] = time.monotonic()
    if not seen["n"]:
        print(json.dumps({"mark": "start"}), flush=True)
    seen["n"] += 1


if __name__ == "__main__":
    main()
