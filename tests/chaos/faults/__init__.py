"""Everything that a run does to a system, by name: functions of the town and of chance that say what they did."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from tests.chaos.faults import broker, cluster, database, links, processes
from tests.chaos.town import Town

Fault = Callable[[Town, random.Random], str]

DEPLOYED: Mapping[str, Fault] = {
    "kill one": processes.kill_one,
    "kill several": processes.kill_several,
    "kill a service": processes.kill_service,
    "kill all": processes.kill_all,
    "roll": processes.roll,
    "broker stopped": broker.stop,
    "broker killed": broker.kill,
    "broker alarmed": broker.alarm,
    "database restarted": database.restart,
    "links cut": links.cut,
    "links frozen": links.freeze,
    "links delayed": links.delay,
    "mail cut": links.cut_mail,
}

EMBEDDED: Mapping[str, Fault] = {
    "kill all": processes.kill_all,
    "restart": processes.restart,
}

CLUSTER: Mapping[str, Fault] = {
    "node killed": cluster.kill_node,
    "kill one": cluster.kill_one,
}


def of(form: str) -> Mapping[str, Fault]:
    """The faults that can strike a form."""
    return {"deployed": DEPLOYED, "embedded": EMBEDDED, "cluster": CLUSTER}[form]
