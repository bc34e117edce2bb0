"""Hears events by webhook, in Python: checks the signature, handles each event once, answers at once.

pip install standardwebhooks
WEBHOOK_SECRET=whsec_... PORT=8080 python webhook.py
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])

#: Keep this in your database, in the transaction that does the work: here it is forgotten when the program ends.
handled = set()


def handle(event):
    print(event["type"], event.get("subject"), flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = webhook.verify(body, dict(self.headers))  # the very bytes: what was parsed and written anew differs
        except WebhookVerificationError:
            self.answer(401)
            return
        if event["id"] not in handled:
            handle(event)
            handled.add(event["id"])
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()
