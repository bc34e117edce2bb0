"""What RabbitMQ 3 does not understand of definitions written for RabbitMQ 4, said in its own words."""

import copy
from collections.abc import Mapping
from typing import Any


def for_version(definitions: Mapping[str, Any], version: tuple[int, ...]) -> dict[str, Any]:
    """A copy of a definitions document that a broker of this version imports with the same effect.

    RabbitMQ 3.10 reads a vhost's default queue type from its metadata only, knows no policy for queues of one
    type, and has no default delivery limit (so it has no word for "none" either).
    """
    adapted = copy.deepcopy(dict(definitions))
    if version >= (4,):
        return adapted
    for vhost in adapted.get("vhosts", []):
        if "default_queue_type" in vhost:
            metadata = vhost.setdefault("metadata", {"description": "", "tags": []})
            metadata.setdefault("default_queue_type", vhost["default_queue_type"])
    for policy in adapted.get("policies", []):
        if policy.get("apply-to", "").endswith("_queues"):
            policy["apply-to"] = "queues"
        if policy["definition"].get("delivery-limit") == -1:
            del policy["definition"]["delivery-limit"]
    # A policy without any definition is refused.
    adapted["policies"] = [policy for policy in adapted.get("policies", []) if policy["definition"]]
    return adapted
