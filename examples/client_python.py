"""Sends reports, and hears what becomes of them, with our own client. In two terminals, or two programs:

    pip install estafet
    export BROKER=amqp://intake:intake@localhost:5672/estafet
    python client_python.py listen
    python client_python.py submit "KTP saya rusak."

Whoever listens has a queue, which waits while the program does not run. It is made when the program runs for the first
time: what was said before is not in it.
"""

import os
import sys

from estafet.client import Intake, Invalid, NotSent, listen

BROKER = os.environ["BROKER"]


@listen("report.accepted", "report.rejected", "handoff.offered", "handoff.accepted")
def hear(event):
    """The same event may come twice; where that matters, remember its source and id where you keep what you did."""
    print(event.correlationid, event.name, event.data.get("code") or event.subject or "", flush=True)


def submit(text):
    """Print the id of the report's message: it is the correlation id of everything that follows."""
    try:
        with Intake(BROKER) as intake:
            print(intake.submit({"category": "ktp", "text": text}))
    except Invalid as error:
        sys.exit(f"Correct the report. {error}")
    except NotSent as error:
        sys.exit(str(error))  # it says the id to submit it again with


if sys.argv[1] == "listen":
    listen.run(BROKER)
else:
    submit(sys.argv[2])
