"""notify as a process, called back by providers in formats of their own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import httpx
from sqlalchemy import select

from estafet.relay.work import Works
from services.notify.channels.channel import Fate, Outcome
from services.notify.receipts.callbacks import token
from services.notify.sending.sender import Sender
from services.notify.tables import addresses, deliveries
from tests.bed.process import end, free_ports
from tests.integration.notify.conftest import URL, prepared
from tests.integration.notify.sent import PHONE, Scripted, Text, opened
from tests.integration.notify.serving import PORTS, serving, wait_for

KEY, AUTH, APP = "k" * 40, "0" * 32, "app-secret"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def sent(works: Works, name: str, reports: int) -> list[str]:
    """Ids of messages that this channel's first provider took."""
    opened(works, reports, email=None, phone=PHONE)
    Sender(works, Scripted(), URL, [Text(name, then=Outcome(Fate.SENT, provider=f"{name}-1"))]).run()
    with works.database.read() as connection:
        return list(connection.scalars(select(deliveries.c.id).order_by(deliveries.c.id)))


def states(works: Works) -> Counter[str]:
    with works.database.read() as connection:
        return Counter(connection.scalars(select(deliveries.c.state)))


def twilio(base: str, id: str, status: str, code: str = "", secret: str = AUTH) -> int:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": "+6281234567890", "ErrorCode": code}
    path = f"/callbacks/sms-1/twilio/{id}"
    text = f"{URL}{path}" + "".join(name + form[name] for name in sorted(form))
    shown = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
    headers = {**FORM, "X-Twilio-Signature": shown}
    return httpx.post(f"{base}{path}", content=urlencode(form), headers=headers).status_code


def meta(base: str, statuses: list[dict[str, object]], secret: str = APP, provider: str = "whatsapp-1") -> int:
    body = json.dumps({"entry": [{"changes": [{"value": {"statuses": statuses}}]}]}).encode()
    shown = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": shown}
    return httpx.post(f"{base}/callbacks/{provider}/meta", content=body, headers=headers).status_code


def status(id: str, word: str, *codes: int) -> dict[str, object]:
    return {
        "id": "wamid.1",
        "status": word,
        "biz_opaque_callback_data": id,
        "errors": [{"code": each} for each in codes],
    }


def test_twilio_and_meta_are_heard_by_their_signatures_alone(tmp_path: Path) -> None:
    works = Works("notify", prepared(f"sqlite:///{tmp_path / 'notify.sqlite'}"))
    arrived, bounced, silent = sent(works, "sms", 3)
    with works.begin() as work:  # else it would go by WhatsApp next, really
        work.connection.execute(deliveries.update().where(deliveries.c.id == bounced).values(passed="whatsapp"))
    port = free_ports(PORTS)
    environment = {
        "ESTAFET_CALLBACK_KEY": KEY,
        "ESTAFET_PUBLIC_URL": URL,
        "ESTAFET_SMS": f"twilio://AC{'0' * 32}:{AUTH}@+15550001111/{{to}}",
        "ESTAFET_WHATSAPP": f"whatsapp://token@1234567890/{{to}}?signing={APP}",
        "ESTAFET_LIMIT_ADDRESS": "5/minute",  # for nobody who says each thing once
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{port}",
    }
    base = f"http://127.0.0.1:{port + 2}"
    with serving(tmp_path, environment) as process:
        wait_for(base)
        assert twilio(base, silent, "delivered", secret="1" * 32) == 401
        assert twilio(base, "unknown", "delivered") == 200
        assert [twilio(base, arrived, word) for word in ("sent", "delivered", "delivered")] == [200] * 3
        assert twilio(base, bounced, "undelivered", "30005") == 200
        assert twilio(base, arrived, "undelivered", "30005") == 200
        assert states(works) == {"delivered": 1, "permanent-failure": 1, "sent": 1}
        # Signed all right, by somebody who has none of them.
        assert meta(base, [status(silent, "read")]) == 200
        assert meta(base, [status(silent, "read")], provider="sms-1") == 401
        assert meta(base, [status(silent, "read")], secret="x") == 401
        assert states(works) == {"delivered": 1, "permanent-failure": 1, "sent": 1}
        with works.begin() as work:
            work.connection.execute(deliveries.update().where(deliveries.c.id == silent).values(provider="whatsapp-1"))
        assert meta(base, [status(silent, "sent"), status("unknown", "read"), status(silent, "failed", 131047)]) == 200
        assert states(works) == {"delivered": 1, "permanent-failure": 1, "temporary-failure": 1}
        asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
        page = f"{base}/callbacks/whatsapp-1/meta"
        good = httpx.get(page, params={**asked, "hub.verify_token": token(KEY, "whatsapp-1")})
        assert (good.status_code, good.text) == (200, "1158201444")
        assert good.headers["Content-Type"].startswith("text/plain")
        for wrong in (token(KEY, "sms-1"), ""):
            assert httpx.get(page, params={**asked, "hub.verify_token": wrong}).status_code == 401
        assert httpx.post(f"{base}/callbacks/sms-1/twilio/{silent}", content="{}", headers=FORM).status_code == 400
        end(process, how=signal.SIGTERM)
        assert process.returncode == 0
    with works.database.read() as connection:
        assert [each.channel for each in connection.execute(select(addresses))] == ["sms"]
    works.database.engine.dispose()
