"""Text messages by apprise to a real HTTP server: what went, what did not, and what nobody knows."""

from __future__ import annotations

import logging
import socket

import pytest
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio
from apprise.plugins.whatsapp import NotifyWhatsApp

from services.notify.channels.channel import SENT, Fate, Letter, Outcome
from services.notify.channels.gateway import Gateway, instance
from services.notify.channels.wanted import Wanted, read
from services.notify.receipts.ownforms import tell
from services.notify.wording import short
from tests.bed.process import free_port
from tests.integration.notify.gateways import Provider
from tests.integration.notify.mailing import letter

BOT = "123456789:abcdefghijklmnopqrstuvwxyz_ABCDEFG"
WHATSAPP = "whatsapp://token@1234567890/{to}?signing=app-secret"
LINK = "https://lapor.tirtajaya.example/t/TRT-7F3K-92Q#kunci"


def send(url: str, address: str = "+6281234567890") -> Outcome:
    def text(letter: Letter) -> str:
        return short.sms(letter.wording, letter.link)

    with Gateway(Wanted("sms-1", url), text).open() as post:
        return post(letter(address, link=LINK, channel="sms"))


def test_number_id_and_text_arrive() -> None:
    with Provider() as provider:
        assert send(provider.url) == SENT
    [message] = provider.taken
    assert message == {"to": "+6281234567890", "id": "0190-delivery", "message": f"Laporan TRT-7F3K-92Q {LINK}"}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (201, SENT),
        (400, Outcome(Fate.FAILED, "http-400")),
        (422, Outcome(Fate.FAILED, "http-422")),
        (401, Outcome(Fate.AWAY, "http-401")),
        (404, Outcome(Fate.AWAY, "http-404")),
        (429, Outcome(Fate.AWAY, "http-429")),
        (503, Outcome(Fate.AWAY, "http-503")),
        (302, Outcome(Fate.AWAY, "http-302")),
        (504, Outcome(Fate.UNSURE, "http-504")),
    ],
)
def test_what_the_provider_answers(status: int, outcome: Outcome) -> None:
    with Provider(lambda message: status) as provider:
        assert send(provider.url) == outcome


def test_nobody_there() -> None:
    assert send(f"json://127.0.0.1:{free_port()}/{{to}}") == Outcome(Fate.AWAY, "unreachable")
    assert send("json://provider.invalid/{to}") == Outcome(Fate.AWAY, "unreachable")


def test_an_answer_that_was_lost_says_nothing_and_the_second_time_it_is_known() -> None:
    with Provider(lambda message: None) as provider:
        assert send(provider.url) == Outcome(Fate.UNSURE, "unanswered")
        assert send(provider.url) == SENT
    assert provider.ids == {"0190-delivery": 1}


def test_a_provider_that_takes_the_connection_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.channels.gateway.ANSWER", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert send(f"json://127.0.0.1:{silent.getsockname()[1]}/{{to}}") == Outcome(Fate.UNSURE, "unanswered")


@pytest.mark.parametrize("address", ["+62812&:id=other", "+62812/../x", "+62812?x=#y", "+62812\r\nX: y"])
def test_an_address_cannot_change_the_request(address: str) -> None:
    with Provider() as provider:
        assert send(provider.url, address) == SENT
    [message] = provider.taken
    assert (message["to"], message["id"]) == (address, "0190-delivery")


def test_no_log_names_a_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Provider(lambda message: 500) as provider:
        send(provider.url.replace("/?", "/{to}?"))
    said = [each.getMessage() for each in caplog.records if each.levelno > logging.DEBUG or each.name == "apprise"]
    assert said == []


@pytest.mark.parametrize(
    "url",
    [
        "whatsapp://token@1234567890/{to}",
        "twilio://AC00000000000000000000000000000000:00000000000000000000000000000000@+15550001111/{to}",
        "vonage://12345678:abcdefgh@15550001111/{to}",
        "forms://gateway.example/sms?:nomor={to}&+Idempotency-Key={id}",
    ],
)
def test_urls_of_well_known_providers_are_understood(url: str) -> None:
    assert instance(url, "+6281234567890", "id") is not None


def test_twilio_and_meta_are_told_with_each_message_how_to_speak_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider() as provider:
        monkeypatch.setattr(NotifyTwilio, "notify_sms_url", f"http://127.0.0.1:{provider.port}/{{sid}}")
        monkeypatch.setattr(NotifyWhatsApp, "notify_url", f"http://127.0.0.1:{provider.port}/{{fb_ver}}/{{phone_id}}")
        for name, url in (("sms", f"twilio://AC{'0' * 32}:{'0' * 32}@+15550001111/{{to}}"), ("whatsapp", WHATSAPP)):
            [wanted] = read("ESTAFET", name, url)
            channel = Gateway(wanted, lambda each: each.wording.brief, tell(wanted, "https://lapor.tirtajaya.example"))
            with channel.open() as post:
                assert post(letter("+6281234567890", link=LINK, channel=name)) == SENT
    sms, chat = provider.taken
    assert (sms["To"], sms["Body"]) == ("+6281234567890", "Laporan TRT-7F3K-92Q")
    assert sms["StatusCallback"] == "https://lapor.tirtajaya.example/callbacks/sms-1/twilio/0190-delivery"
    assert (chat["to"], chat["text"]) == ("+6281234567890", {"body": "Laporan TRT-7F3K-92Q"})
    assert chat["biz_opaque_callback_data"] == "0190-delivery"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, SENT),
        (400, Outcome(Fate.FAILED, "http-400")),
        (401, Outcome(Fate.AWAY, "http-401")),
        (403, Outcome(Fate.FAILED, "http-403", bounced=True)),
        (429, Outcome(Fate.AWAY, "http-429")),
    ],
)
@pytest.mark.parametrize("chat", ["123456789", "-1001234567890"])
def test_telegram_is_told_as_it_wants_and_of_who_blocked_the_bot_others_do_not_suffer(
    status: int, outcome: Outcome, chat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers are those of Telegram's API: 400 of a chat that is none, 401 of a wrong token, 403 of who left."""
    with Provider(lambda message: status) as provider:
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://127.0.0.1:{provider.port}/bot")
        channel = Gateway(
            Wanted("telegram-1", f"tgram://{BOT}/{{to}}"), lambda each: short.chat(each.wording, each.link)
        )
        with channel.open() as post:
            assert post(letter(chat, link=LINK, channel="telegram")) == outcome
    if outcome == SENT:
        [message] = provider.taken
        assert (str(message["chat_id"]), LINK in message["text"]) == (chat, True)


def test_what_is_no_provider_is_none() -> None:
    assert instance("nobody://knows/{to}", "+6281234567890", "id") is None
