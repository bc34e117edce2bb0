"""Steady load: reports by HTTP and by event, and the people who work on them."""

from tests.chaos.load.all import Load

__all__ = ["Load"]
