"""Each alert fires when its cause is there, and ends when it is gone: a real Prometheus watches a whole system.

The rules are those that are deployed, with seconds for their minutes; `alerts_test.yml` holds them against their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml
from psycopg import sql
from sqlalchemy import create_engine, text

from estafet.events import new_id
from estafet.settings import SERVICES
from tests.bed import Databases, RabbitMQ
from tests.bed.prometheus import DEPLOYED, Prometheus, promtool
from tests.e2e.conftest import GOOD
from tests.e2e.publishing import report, submit
from tests.e2e.servers import lay_out
from tests.e2e.system import ROOT, Deployed, port_of, until
from tests.support import certificates

pytestmark = pytest.mark.alone

ALERTS = [rule for group in yaml.safe_load((DEPLOYED / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
NAMES = [rule["alert"] for rule in ALERTS]


_HURRIED = {"> 30": "> 3", "[3d:1h]": "[3s:1s]", "[10m:10s]": "[3s:1s]", "offset 10m": "offset 3s"}


def hurried(rules: str) -> str:
    """The same rules with seconds for their minutes, so that a test need not wait for these."""
    for minutes, seconds in _HURRIED.items():
        assert minutes in rules
        rules = rules.replace(minutes, seconds)
    return re.sub(r"for: \d+m", "for: 1s", rules)


class Watched:
    """A system, its own broker, and who watches them."""

    def __init__(self, system: Deployed, broker: RabbitMQ, prometheus: Prometheus) -> None:
        self.system = system
        self.broker = broker
        self.prometheus = prometheus
        self.tokens = system.tokens()
        node = f"http://127.0.0.1:{broker.prometheus_port}/metrics"
        services = [f"{system.address(service)}/metrics" for service in SERVICES]
        self.exporters = [*services, node, f"{node}/detailed?family=queue_coarse_metrics&family=queue_consumer_count"]
        #: What has fired so far, in any test.
        self.fired: set[str] = set()

    def firing(self, name: str, **labels: str) -> bool:
        """Whether an alert with these labels fires."""
        found = self.prometheus.firing()
        self.fired |= {each["alertname"] for each in found}
        return any(each["alertname"] == name and labels.items() <= each.items() for each in found)

    def restart(self, service: str) -> None:
        process = self.system.processes.pop((service,))
        process.terminate()
        process.wait()
        self.system.start_group([service])
        self.system.wait_alive(service)

    def names(self) -> Iterator[str]:
        """Of all series that anybody exports, whether there are any yet or not."""
        for address in self.exporters:
            for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", httpx.get(address, timeout=10).text, re.MULTILINE):
                yield name
                if kind == "histogram":
                    yield from (f"{name}_bucket", f"{name}_sum", f"{name}_count")

    @contextmanager
    def alert(self, name: str, **labels: str) -> Iterator[None]:
        """It does not fire before, fires because of what is done inside, and ends after that was put right."""
        assert not self.firing(name, **labels)
        yield
        until(lambda: not self.firing(name, **labels), f"{name} to end; firing: {self.prometheus.firing()}")

    def wait(self, name: str, **labels: str) -> None:
        until(lambda: self.firing(name, **labels), f"{name} to fire; firing: {self.prometheus.firing()}")


@pytest.fixture(scope="module")
def watched(postgres: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with RabbitMQ() as broker:
        servers = lay_out(broker, postgres)
        system = Deployed(tmp_path_factory.mktemp("watched"), servers.amqp, servers.database_url, {})
        node = [f"127.0.0.1:{broker.prometheus_port}"]
        targets = {
            "estafet": [f"127.0.0.1:{port_of(service, system.port)}" for service in SERVICES],
            "rabbitmq": node,
            "rabbitmq-queues": node,
        }
        rules = hurried((DEPLOYED / "alerts.yml").read_text())
        try:
            system.prepare().start()
            system.wait_for_city()
            with Prometheus(targets, servers.vhost, rules) as prometheus:
                watched = Watched(system, broker, prometheus)
                until(lambda: _seen(prometheus), "Prometheus to have asked everybody")
                yield watched
        finally:
            system.close()


def _seen(prometheus: Prometheus) -> bool:
    consumers = prometheus.value('min(rabbitmq_detailed_queue_consumers{queue=~"evt-.+"})')
    return len(prometheus.value("up == 1")) == 5 and bool(consumers) and consumers[0][1] > 0


def test_the_rules_are_right_by_their_own_minutes() -> None:
    done = promtool("test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    checked = promtool("check", "config", "prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("rule", ALERTS, ids=NAMES)
def test_each_alert_has_its_page_and_its_minutes_are_tested(rule: dict[str, str]) -> None:
    page = ROOT / rule["annotations"]["runbook"]  # type: ignore[index]
    assert page.read_text().startswith(f"# {rule['alert']}:")
    assert f"({page.name})" in (page.parent / "README.md").read_text()
    assert f"alertname: {rule['alert']}" in (DEPLOYED / "alerts_test.yml").read_text()


def test_nothing_fires_while_all_is_well(watched: Watched) -> None:
    with watched.system.client() as client:
        code = client.report(GOOD)["code"]
    with watched.system.client(watched.tokens["auditor"]) as auditor:
        auditor.wait_for(code, lambda each: each["status"] == "offered")
    pending = 'estafet_offers_pending{office="dispendukcapil"}'
    until(lambda: watched.prometheus.value(pending), "the offer to be measured")
    assert watched.prometheus.firing() == []


def test_a_message_that_nobody_can_read(watched: Watched) -> None:
    why = ("--who", "ops", "--why", "a test")
    with watched.alert("EstafetDeadMessages", subscription="tickets.submit", reason="malformed"):
        watched.system.publish("intake.events", "report.submitted", b"not an event")
        watched.wait("EstafetDeadMessages", subscription="tickets.submit", reason="malformed")
        watched.system.estafet("deferred", "discard", "--all", *why)


def test_a_process_that_is_killed_and_its_queues(watched: Watched) -> None:
    queue = "evt-tickets-handoff.offered--notify.tell"
    address = f"127.0.0.1:{port_of('notify', watched.system.port)}"
    with watched.alert("EstafetDown", instance=address), watched.alert("QueueWithoutConsumers", queue=queue):
        process = watched.system.processes.pop(("notify",))
        process.kill()
        process.wait()
        watched.wait("EstafetDown", instance=address)
        watched.wait("QueueWithoutConsumers", queue=queue)
        watched.system.start_group(["notify"])


def test_more_comes_than_is_handled(watched: Watched) -> None:
    queue = "evt-tickets-ticket.opened--routing.route"
    with watched.alert("QueueGrows", queue=queue):
        process = watched.system.processes.pop(("routing",))
        process.kill()
        process.wait()

        def grows() -> bool:
            submit(watched.system.amqp("intake"), (report(new_id()) for _ in range(100)))
            return watched.firing("QueueGrows", queue=queue)

        until(grows, "QueueGrows to fire", timeout=120)
        watched.system.start_group(["routing"])


def test_offers_that_should_have_lapsed(watched: Watched) -> None:
    """As when routing does not keep time: the time to accept is over, and nobody has said so."""
    (code,) = watched.system.rows("tickets", "select min(code) from tickets where offered_to = 'dispendukcapil'")[0]
    with watched.alert("EstafetOffersOverdue", office="dispendukcapil"):
        _set_accept_by(watched.system, code, "now() - interval '1 hour'")
        watched.wait("EstafetOffersOverdue", office="dispendukcapil")
        with watched.system.client(watched.tokens["dispendukcapil"]) as office:
            office.accept(code, office.ticket(code)["version"])


def test_a_coordinator_who_does_not_decide(watched: Watched) -> None:
    (code,) = watched.system.rows("tickets", "select min(code) from tickets where holder = 'dispendukcapil'")[0]
    with watched.system.client(watched.tokens["dispendukcapil"]) as office:
        office.convene(code, office.ticket(code)["version"], reason="other-place", words="Bukan wilayah kami.")
    with watched.system.client(watched.tokens["auditor"]) as auditor:
        ticket = auditor.wait_for(code, lambda each: each["status"] == "convened")
        coordinator = ticket["coordinator"]["code"]
        with watched.alert("EstafetConvenedWaits", coordinator=coordinator):
            watched.wait("EstafetConvenedWaits", coordinator=coordinator)
            with watched.system.client(watched.tokens[coordinator]) as decides:
                version = decides.ticket(code)["version"]
                decides.assign(
                    code, version, receiver="dispendukcapil", reason="competent-office", words="Tetap di sini."
                )


def test_a_database_that_lets_nobody_in(watched: Watched, postgres: Databases) -> None:
    name = watched.system.rows("notify", "select current_database()")[0][0]
    with watched.alert("EstafetPaused", service="notify"):
        postgres.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)))
        try:
            postgres.execute(sql.SQL(_END_SESSIONS).format(sql.Literal(name)))
            with watched.system.client() as client:
                client.report(GOOD)
            watched.wait("EstafetPaused", service="notify")
        finally:
            postgres.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(name)))


def test_a_certificate_that_runs_out(watched: Watched, tmp_path: Path) -> None:
    """The address that citizens are given shows it; after the new one is there, tickets looks when it starts."""
    folder = certificates.make(tmp_path / "certificates", days=3)
    system, key = watched.system, ("tickets",)
    environment = system.environment
    with certificates.tls_server(folder) as peer:
        told = {"ESTAFET_PUBLIC_URL": f"https://{peer}", "ESTAFET_TLS_CA": str(folder / "ca.crt")}
        system.environment = {**environment, **told}
        with watched.alert("CertificateExpires"):
            watched.restart("tickets")
            watched.wait("CertificateExpires", peer=str(peer))
            (folder / "proxy.crt").unlink()
            certificates.make(folder, days=90)
            with certificates.tls_server(folder) as renewed:
                system.environment = {**system.environment, "ESTAFET_PUBLIC_URL": f"https://{renewed}"}
                watched.restart("tickets")
    system.environment = environment
    assert system.processes[key].poll() is None


def test_a_broker_short_of_disk_and_the_outbox_that_waits_for_it(watched: Watched) -> None:
    with watched.alert("EstafetOutboxOld", service="tickets"), watched.alert("RabbitMQAlarm"):
        watched.broker.ctl("set_disk_free_limit", "9000GB")
        try:
            watched.wait("RabbitMQAlarm")
            with watched.system.client() as client:
                code = client.report(GOOD)["code"]
            watched.wait("EstafetOutboxOld", service="tickets")
        finally:
            watched.broker.ctl("set_disk_free_limit", "50MB")
    with watched.system.client(watched.tokens["auditor"]) as auditor:
        auditor.wait_for(code, lambda each: each["status"] == "offered")


def test_each_picture_asks_for_what_there_is(watched: Watched) -> None:
    """A name that is not exported draws an empty picture, and nobody is told."""
    exported = set(watched.names())
    asked = 0
    for file in sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                watched.prometheus.value(target["expr"])
                named = set(re.findall(r"\b(?:estafet|rabbitmq|process)_[a-z_]+", target["expr"]))
                assert named <= exported | {"up"}, f"{file.name}: {panel['title']}: {sorted(named - exported)}"
                asked += 1
    assert asked > 40


def test_every_alert_has_fired(watched: Watched) -> None:
    assert watched.fired >= set(NAMES), json.dumps(sorted(watched.fired))


_END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = {}"


def _set_accept_by(system: Deployed, code: str, when: str) -> None:
    engine = create_engine(system.environment["ESTAFET_DATABASE_URL"].replace("{service}", "tickets"))
    with engine.begin() as connection:
        connection.execute(text(f"update tickets set accept_by = {when} where code = :code"), {"code": code})
    engine.dispose()
