"""For other apps: the HTTP API, reports sent over RabbitMQ, and events heard from it.

Stands on httpx and kombu alone, on none of what the services need.
"""

from estafet.client.http import Client, Json, Problem, TimedOut, Unreachable, wait
from estafet.client.intake import Intake, Invalid, NotSent
from estafet.client.listening import Listener, listen

__all__ = [
    "Client",
    "Intake",
    "Invalid",
    "Json",
    "Listener",
    "NotSent",
    "Problem",
    "TimedOut",
    "Unreachable",
    "listen",
    "wait",
]
