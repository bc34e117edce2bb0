"""What the environment says is read, or refused with the name of the variable and never with what is secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from estafet.settings import SettingError, from_environment


def test_a_cluster_s_nodes_are_named_in_one_setting() -> None:
    nodes = "amqps://tickets:geheim@one:5671/estafet;amqps://tickets:geheim@two:5671/estafet"
    assert from_environment({"ESTAFET_AMQP_URI": nodes}).amqp_uri == nodes
    assert from_environment({"ESTAFET_AMQP_URI": nodes + ";"}).amqp_uri == nodes


@pytest.mark.parametrize(
    "second",
    ["amqp://tickets:geheim@two/estafet", "amqps://notify:geheim@two/estafet", "amqps://tickets:geheim@two/other"],
)
def test_nodes_that_would_be_spoken_to_differently_are_refused_without_a_word_of_the_password(second: str) -> None:
    with pytest.raises(SettingError, match="in common") as caught:
        from_environment({"ESTAFET_AMQP_URI": f"amqps://tickets:geheim@one/estafet;{second}"})
    assert "geheim" not in str(caught.value)


def test_every_node_must_be_one_that_can_be_spoken_to() -> None:
    with pytest.raises(SettingError, match="ESTAFET_AMQP_URI must begin with"):
        from_environment({"ESTAFET_AMQP_URI": "amqp://one/estafet;two:5672"})


def test_the_authority_s_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=r"ESTAFET_TLS_CA must name a file that can be read; .*ca\.crt: No such file"
    ):
        from_environment({"ESTAFET_TLS_CA": str(tmp_path / "ca.crt")})
    (tmp_path / "ca.crt").write_text("")
    assert from_environment({"ESTAFET_TLS_CA": str(tmp_path / "ca.crt")}).tls_ca == tmp_path / "ca.crt"
    assert from_environment({"ESTAFET_TLS_CA": ""}).tls_ca is None


def test_networks_that_webhooks_may_reach_are_read_or_refused() -> None:
    networks = from_environment({"ESTAFET_WEBHOOK_NETWORKS": "10.1.0.0/16, fd12::/16"}).webhook_networks
    assert [str(each) for each in networks] == ["10.1.0.0/16", "fd12::/16"]
    assert from_environment({}).webhook_networks == ()
    for wrong in ("house", "10.1.2.3/16", "10.0.0.0/8;fd12::/16"):
        with pytest.raises(SettingError, match="ESTAFET_WEBHOOK_NETWORKS must be networks"):
            from_environment({"ESTAFET_WEBHOOK_NETWORKS": wrong})


def test_where_bounces_go_is_read_or_refused_without_a_word_of_the_password() -> None:
    assert from_environment({"ESTAFET_BOUNCES_TO": "bounces@city.example"}).bounces_to == "bounces@city.example"
    assert from_environment({"ESTAFET_BOUNCES_TO": "", "ESTAFET_BOUNCES_URL": ""}).bounces_to is None
    for wrong in ("bounces", "Kota <b@city.example>", "b@city.example\r\nx", "a@b@c", "b@city.example, c@city.example"):
        with pytest.raises(SettingError, match="ESTAFET_BOUNCES_TO must be one address"):
            from_environment({"ESTAFET_BOUNCES_TO": wrong})
    url = "imaps://b:geheim@city.example/INBOX"
    assert "geheim" not in repr(from_environment({"ESTAFET_BOUNCES_URL": url}))
    with pytest.raises(SettingError, match="ESTAFET_BOUNCES_URL must begin with imaps://") as caught:
        from_environment({"ESTAFET_BOUNCES_URL": url.replace("imaps", "imap")})
    assert "geheim" not in str(caught.value)


def test_no_secret_is_shown_with_the_settings() -> None:
    environment = {
        "ESTAFET_AMQP_URI": "amqp://tickets:geheim@rabbitmq/estafet",
        "ESTAFET_DATABASE_URL": "postgresql+psycopg://tickets:geheim@postgres/tickets",
        "ESTAFET_MANAGEMENT_URL": "http://ops:geheim@rabbitmq:15672",
        "ESTAFET_SMTP_URL": "smtps://kota:geheim@mail.example",
        "ESTAFET_BOUNCES_URL": "imaps://kota:geheim@mail.example/INBOX",
        "ESTAFET_SMS": "twilio://SID:geheim@+15550001111/{to}",
        "ESTAFET_WHATSAPP": "whatsapp://geheim@1/{to}",
        "ESTAFET_TELEGRAM": "tgram://geheim/{to}",
        "ESTAFET_CALLBACK_KEY": "geheim" * 6,
        "ESTAFET_SECRET_KEY": "geheim",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://kota:geheim@collector:4318",
        "ESTAFET_OIDC_ISSUER": "https://masuk.example",
        "ESTAFET_OIDC_CLIENT_ID": "estafet",
        "ESTAFET_OIDC_CLIENT_SECRET": "geheim",
    }
    settings = from_environment(environment)
    assert settings.secret_key == "geheim"
    assert "geheim" not in repr(settings)
