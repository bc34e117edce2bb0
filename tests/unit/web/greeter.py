"""A small service over `estafet.web`, run as a process by the tests: `python -m tests.unit.web.greeter PORT`."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402

from marshmallow import fields, validate  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from sqlalchemy.exc import OperationalError  # noqa: E402

from estafet.relay.database import connect  # noqa: E402
from estafet.relay.work import Works  # noqa: E402
from estafet.settings import from_environment  # noqa: E402
from estafet.web import Answer, Input, Problem, api, server  # noqa: E402
from estafet.web.multipart import FileField, Files  # noqa: E402
from estafet.web.openapi import document  # noqa: E402
from estafet.web.probes import NotReady, Probes, reach  # noqa: E402


class Person(Input):
    name = fields.String(required=True)


class Greeting(Input):
    word = fields.String(required=True, validate=validate.Length(max=20))
    person = fields.Nested(Person, load_default=None, allow_none=True)


class Pictures(Input):
    photos = fields.List(FileField(), required=True)


class Page(Input):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


def ready() -> None:
    reach(WORKS.database)


def not_ready() -> None:
    raise NotReady("wind the clock")


WORKS = Works("greeter", connect("sqlite://"))
CHECKS = {"database": ready}
RELEASED = threading.Event()
REVOKED: set[str] = set()


class Greeter(Probes):
    name = "greeter"
    relay = WORKS

    def readiness(self):
        return CHECKS

    @api("POST", "/api/greetings", "Greet", body=Greeting, status=201)
    def greet(self, call, **values):
        return Answer(call.body, version=7, headers={"Location": "/api/greetings/1"})

    @api("POST", "/api/pictures", "Show", body=Pictures, files=Files(most=2, size=1_000_000))
    def show(self, call):
        return {"sizes": [len(each.content) for each in call.body["photos"]]}

    @api("GET", "/api/greetings/<code>", "Look", query=Page)
    def look(self, call, code):
        return {"code": code, "limit": call.query["limit"]}

    @api("POST", "/api/greetings/<code>/change", "Change", body=Page, versioned=True, problems=("bound",))
    def change(self, call, code):
        if code == "bound":
            raise Problem("bound", "It is bound.")
        return {"version": call.version}

    @api("GET", "/api/hold", "Answer once released")
    def hold(self, call):
        RELEASED.wait()
        return {}

    @api("GET", "/api/connection", "Say how answers are sent")
    def connection(self, call):
        connection = call.request.environ["eventlet.input"].get_socket()
        return {"at once": bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))}

    @api("POST", "/api/release", "Let those answer that hold", limited=False)
    def release(self, call):
        global RELEASED
        RELEASED.set()
        RELEASED = threading.Event()
        return {}

    @api("POST", "/api/heavy", "Counts as four", body=Greeting, weight=4)
    def heavy(self, call):
        return {}

    @api("GET", "/api/mine", "With a token that begins with good", auth=("token",))
    def mine(self, call):
        good = call.token is not None and call.token.startswith("good") and call.token not in REVOKED
        call.request.recognize(good=good)
        if not good:
            raise Problem("wrong-token", "It is not good.")
        return {}

    @api("POST", "/api/revoke/<token>", "A token is not good any more", limited=False)
    def revoke(self, call, token):
        REVOKED.add(token)
        return {}

    @api("GET", "/api/who", "Who", auth=("token", ""), headers={"Idempotency-Key": "Any."})
    def who(self, call):
        return {"token": call.token, "key": call.idempotency_key}

    @api("GET", "/api/broken", "Break")
    def broken(self, call):
        raise RuntimeError("the report says: my neighbour's secret")

    @api("GET", "/api/away", "Away")
    def away(self, call):
        raise OperationalError("select", {}, Exception("my neighbour's secret"))

    @api("GET", "/api/unwind", "Be not ready")
    def unwind(self, call):
        CHECKS["clock"] = not_ready
        return {}

    @api("GET", "/api/openapi.json", "This")
    def openapi(self, call):
        return document(Greeter, "Greeter", "1", "Greets.")


if __name__ == "__main__":
    server.PATIENCE = float(os.environ.get("GREETER_PATIENCE", server.PATIENCE))
    config = {
        "AMQP_URI": "memory://",
        "WEB_SERVER_ADDRESS": f"127.0.0.1:{sys.argv[1]}",
        "ESTAFET": from_environment(),
    }
    container = ServiceContainer(Greeter, config=config)
    container.start()
    container.wait()
