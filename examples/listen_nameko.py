"""Listens to offers with plain nameko, and prints each.

    pip install nameko
    BROKER=amqp://peer:peer@localhost:5672/estafet python listen_nameko.py

The service's name must be that of the account: nameko names the queue after it, and the broker lets each account have
queues of its own name. nameko acknowledges a message whose handler raised: keep what failed before you return.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import os  # noqa: E402
from pathlib import Path  # noqa: E402

from nameko.events import event_handler  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402


class Peer:
    name = "peer"

    @event_handler("tickets", "handoff.offered")
    def offered(self, event):
        try:
            print(event["subject"], "is offered to", event["data"]["receiver"], flush=True)
        except Exception:
            with Path("failed.jsonl").open("a") as file:
                file.write(json.dumps(event) + "\n")
            raise


# The exchange is there already, and who may declare it could also delete it.
runner = ServiceRunner({"AMQP_URI": os.environ["BROKER"], "DECLARE_EVENT_EXCHANGES": False})
runner.add_service(Peer)
runner.start()
print("listening", flush=True)
runner.wait()
