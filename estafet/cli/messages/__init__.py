"""What waits, where a message is, and what a person decides on one that could not be handled.

What ``estafet queues``, ``trace`` and ``deferred`` say, and ``estafet.console`` draws.
"""
