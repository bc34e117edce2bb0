"""The operator's console as a page on this machine: what ``estafet queues``, ``deferred`` and ``trace`` say, drawn.

It stands on what these commands are made of, and so above ``estafet.cli``, which loads it by name.
"""
