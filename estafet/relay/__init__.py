"""The relay: what takes an event out of one service's database and into another's, where it has its effect once.

In the order of a message's way (the picture is in ``docs/architecture.md``):

* out: :mod:`.work` (a transaction, and the events that become true with it), :mod:`.outbox`, :mod:`.publisher`, and
  :mod:`.leadership`, since of several publishers one sweeps for all;
* over: :mod:`.transport` (what is asked of a broker), :mod:`.amqp` and :mod:`.memory` (who give it);
* in: :mod:`.consumer` (from queues), :mod:`.subscription` (bytes become an event), :mod:`.receiver` (it goes to its
  handler, with others in one transaction where that can be), :mod:`.inbox` (whether it went there before);
* and what was not handled: :mod:`.message` and :mod:`.failure`, :mod:`.hold` (the database is away), :mod:`.deferral`
  and :mod:`.retries` (tried again), :mod:`.triage` and :mod:`.lookup` (for people).

Beneath: :mod:`.database`, :mod:`.tables` and :mod:`.migrate`; :mod:`.waiting`, :mod:`.writing`, :mod:`.upserting` and
:mod:`.among` (few statements for many rows, on both databases); :mod:`.sharing`; :mod:`.tidying`. Above:
:mod:`.extensions` and :mod:`.watch`, which alone know nameko and eventlet.
"""
