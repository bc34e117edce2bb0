"""Sends a report with plain pika and prints its code.

    pip install pika
    BROKER=amqp://intake:intake@localhost:5672/estafet python publish_pika.py "KTP saya rusak."

What to look at: the message is persistent and mandatory, its confirm is awaited, its answer known by ``causationid``.
Run again with the same ID it opens no second report, and gets no second answer either: the first one stands.
One such program runs at a time: the answers come into one queue.
"""

import json
import os
import sys
import uuid
from urllib.parse import urlsplit

import pika

BROKER = os.environ["BROKER"]
ACCOUNT = urlsplit(BROKER).username
ANSWERS = f"app-{ACCOUNT}.pika-answers"

event = {
    "specversion": "1.0",
    "id": os.environ.get("ID") or str(uuid.uuid4()),
    "source": f"/apps/{ACCOUNT}",
    "type": "id.estafet.report.submitted.v1",
    "data": {"category": "ktp", "text": sys.argv[1]},
}

with pika.BlockingConnection(pika.URLParameters(BROKER)) as connection:
    channel = connection.channel()
    # The queue is bound before the report is sent, so that its answer finds it.
    channel.queue_declare(ANSWERS, durable=True)
    channel.queue_bind(ANSWERS, "tickets.events", "report.*")
    channel.confirm_delivery()
    properties = pika.BasicProperties(content_type="application/json", delivery_mode=2, message_id=event["id"])
    # Returns when the broker has it, and raises UnroutableError or NackError when it has not: send the same again.
    channel.basic_publish("intake.events", "report.submitted", json.dumps(event), properties, mandatory=True)
    for method, _, body in channel.consume(ANSWERS, inactivity_timeout=30):
        if method is None:
            sys.exit("The report is sent, but no answer came within 30 seconds.")
        answer = json.loads(body)
        channel.basic_ack(method.delivery_tag)
        if answer.get("causationid") == event["id"]:
            break
    channel.cancel()

if answer["type"] == "id.estafet.report.accepted.v1":
    print(answer["data"]["code"])
else:
    sys.exit("Not accepted: " + "; ".join(f"{each['field']}: {each['reason']}" for each in answer["data"]["errors"]))
