"""A chat-bot that takes reports: messages in by a webhook, answers out in the response. Needs Python alone.

    ESTAFET_URL=http://127.0.0.1:8000 CHATBOT_TOKEN=... python chatbot.py 8090

    POST /   Authorization: Bearer $CHATBOT_TOKEN   {"id": "wamid.1", "from": "62812...", "text": "halo"}
    200      {"text": "..."}

Whatever gateway a city has (WhatsApp, Telegram, SMS) is made to call it so; ``telegram:`` before the id of a chat in
``from`` lets the city answer there. ``id`` is the gateway's own, of a message:
what was not answered in time it sends again, and gets the same answer. Nor does a person who repeats a message, because
the first seemed to fail, file a report twice. Conversations are kept in memory, so after a restart people begin anew.
What they write is neither logged nor kept.
"""

import hashlib
import hmac
import json
import os
import re
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import OrderedDict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ESTAFET = os.environ.get("ESTAFET_URL", "http://127.0.0.1:8000").rstrip("/") + "/api/v1"
TOKEN = os.environ["CHATBOT_TOKEN"]
#: Conversations remembered; the longest silent is forgotten first.
MOST = 10_000

REFUSED = "Laporan itu tidak dapat kami terima. Tulis *lapor* untuk mengulang."
WELCOME = "Selamat datang. Tulis *lapor* untuk melapor, atau *status KODE* untuk melihat laporan Anda."
AWAY = "Maaf, layanan sedang tidak dapat dihubungi. Kirim pesan Anda sekali lagi beberapa saat lagi."


class Refused(Exception):
    """The API said no: its status, and what it says."""

    def __init__(self, status, problem):
        super().__init__(problem.get("detail", ""))
        self.status = status


@dataclass
class Talk:
    """A conversation with one person."""

    #: The Telegram chat it is, if it is one: news of its reports go there.
    chat: str | None = None
    category: dict | None = None
    place: str | None = None
    #: The id of the message that began the report.
    draft: str = ""
    asked: str = ""
    #: code → secret of the reports made in it: who made them sees more than the public does.
    secrets: dict = field(default_factory=dict)
    #: The last message's id and its answer.
    last: tuple = ("", "")
    lock: threading.Lock = field(default_factory=threading.Lock)


def call(method, path, body=None, **headers):
    """The API's answer. Raises Refused, or OSError when it is away."""
    request = urllib.request.Request(ESTAFET + path, method=method, headers=headers)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code in (429, 502, 503, 504):
            raise OSError("busy") from error
        raise Refused(error.code, json.load(error)) from error


def answer(talk, id, text):
    """What to say to a message: the step the conversation is at decides."""
    words = text.strip()
    first, _, rest = words.partition(" ")
    if first.lower() == "status":
        return status(talk, rest.strip().upper())
    if first.lower() in ("lapor", "batal"):
        talk.category, talk.place, talk.draft = None, None, id
        talk.asked = "category" if first.lower() == "lapor" else ""
        return menu() if talk.asked else WELCOME
    if talk.asked == "category":
        return choose(talk, words)
    if talk.asked == "place":
        return locate(talk, words)
    if talk.asked == "text":
        return report(talk, words)
    return WELCOME


def menu():
    lines = [f"{number}. {each['name']['id']}" for number, each in enumerate(services(), 1)]
    return "Tentang apa? Balas dengan nomor atau namanya:\n" + "\n".join(lines)


def services():
    return call("GET", "/services")["items"]


def choose(talk, words):
    """By number, or by words that only one name holds."""
    every = services()
    if words.isascii() and words.isdigit():
        found = every[int(words) - 1 : int(words)] if len(words) < 4 and int(words) > 0 else []
    else:
        found = [each for each in every if words.lower() == each["name"]["id"].lower()] or [
            each for each in every if words.lower() in each["name"]["id"].lower()
        ]
    if len(found) != 1:
        return "Kami belum paham. Balas dengan satu nomor dari daftar, atau tulis *lapor* untuk melihatnya lagi."
    talk.category = found[0]
    talk.asked = "place" if talk.category["place_required"] else "text"
    said = ""
    if talk.category["emergency"] and (number := call("GET", "/directory").get("emergency_number")):
        said = f"Jika ada bahaya, hubungi {number} sekarang juga.\n"
    return said + ("Di kelurahan mana?" if talk.asked == "place" else "Ceritakan apa yang terjadi, dan di mana.")


def locate(talk, words):
    areas = call("GET", "/directory")["areas"]
    wanted = words.lower().removeprefix("kelurahan ").strip()
    found = [code for code, name in areas.items() if name.lower().removeprefix("kelurahan ") == wanted]
    if len(found) != 1:
        return "Kelurahan itu tidak kami temukan. Tulis namanya, misalnya *Bandar Lor*."
    talk.place, talk.asked = found[0], "text"
    return "Ceritakan apa yang terjadi."


def report(talk, words):
    if not words:
        return "Ceritakan apa yang terjadi, dan di mana."
    body = {"category": talk.category["code"], "text": words[:4000], "place": talk.place}
    if talk.chat:
        body["reporter"] = {"telegram": talk.chat}
    key = hashlib.sha256(f"{talk.draft}\n{words}".encode()).hexdigest()
    made = call("POST", "/reports", body, **{"Idempotency-Key": f"chat-{key}"})
    talk.secrets[made["code"]] = made["secret"]
    talk.category, talk.place, talk.asked = None, None, ""
    return f"Terima kasih. Kode laporan Anda: {made['code']}\nTulis *status {made['code']}* kapan saja."


def status(talk, code):
    if not code:
        return "Tulis kodenya juga, misalnya *status KDR-7F3K-92Q*."
    secret = {"Estafet-Secret": talk.secrets[code]} if code in talk.secrets else {}
    try:
        found = call("GET", f"/tickets/{urllib.parse.quote(code, safe='')}", **secret)
    except Refused:
        return f"Laporan {code} tidak kami temukan. Periksa kodenya."
    states = {"resolved": "sudah diselesaikan", "closed": "sudah ditutup"}
    lines = [f"{code}: {states.get(found['status'], 'sedang ditangani')} oleh {found['holder']['name']}."]
    if found["offered_to"]:
        lines.append(f"Ditawarkan kepada {found['offered_to']['name']}.")
    if found["due"] and found["status"] not in states:
        lines.append(f"Paling lambat {found['due'][:10]}.")
    return "\n".join(lines)


talks: "OrderedDict[str, Talk]" = OrderedDict()
talks_lock = threading.Lock()


def talk_with(person):
    with talks_lock:
        chat = re.fullmatch("telegram:(-?[0-9]{1,19})", person)
        talk = talks.setdefault(person, Talk(chat=chat and chat[1]))
        talks.move_to_end(person)
        while len(talks) > MOST:
            talks.popitem(last=False)
        return talk


class Webhook(BaseHTTPRequestHandler):
    timeout = 30

    def do_POST(self):
        given = self.headers.get("Authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {TOKEN}".encode()):
            return self.reply(401, {"error": "send Authorization: Bearer and the token"})
        try:
            length = int(self.headers.get("Content-Length", 0))
            message = json.loads(self.rfile.read(length) if 0 < length <= 65_536 else b"")
            id, person, text = (message[name] for name in ("id", "from", "text"))
            if not all(isinstance(each, str) and each for each in (id, person, text)):
                raise ValueError
            (id + text).encode()  # half of a surrogate pair is not text
        except (ValueError, KeyError, TypeError):
            return self.reply(400, {"error": 'send {"id": "...", "from": "...", "text": "..."}'})
        talk = talk_with(person)
        with talk.lock:
            if talk.last[0] != id:
                try:
                    talk.last = (id, answer(talk, id, text))
                except Refused:
                    return self.reply(200, {"text": REFUSED})
                except OSError:
                    return self.reply(200, {"text": AWAY})
            return self.reply(200, {"text": talk.last[1]})

    def reply(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Nothing: messages are people's own."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if sys.argv[1:] else 8090), Webhook)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
