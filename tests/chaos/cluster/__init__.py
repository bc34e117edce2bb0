"""deploy/cluster.yml under chaos: its nodes are killed, its replicas replaced."""

from tests.chaos.cluster.town import cluster

__all__ = ["cluster"]
