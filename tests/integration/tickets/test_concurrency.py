"""Several replicas at once, on PostgreSQL: nothing waits in a circle, nothing is done twice."""

import random
import threading

import pytest
from sqlalchemy import event

from services.tickets import custody, recording
from services.tickets.custody import Act, Refused
from services.tickets.store import Cases


@pytest.fixture
def kind():
    return "postgresql"


def at_once(*acts):
    gate, errors = threading.Barrier(len(acts)), []

    def run(act):
        gate.wait()
        try:
            act()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return errors


def test_batches_over_the_same_reports_in_any_order(town):
    codes = [town.submit() for _ in range(8)]
    bodies = [town.notified(code) for code in codes for _ in range(5)]

    def batches(seed):
        mixed = random.Random(seed).sample(bodies, len(bodies))
        return lambda: [town.deliver(*mixed[at : at + 10]) for at in range(0, len(mixed), 10)]

    # Every replica gets all of them: the inbox lets each through once.
    assert at_once(*(batches(seed) for seed in range(4))) == []
    with town.works.database.read() as connection:
        for code in codes:
            assert recording.verify(connection, code).broken_at is None
            assert recording.head(connection, code).position == 2 + 5


def test_of_two_officers_who_accept_at_once_one_is_told_that_it_is_stale(town):
    for _ in range(5):
        code = town.submit()
        town.deliver(town.routed(code, "jalan"))

        def accept(code=code):
            with town.works.begin() as work:
                case = Cases.of(work).get(code)
                outcome = custody.accept(case, Act(by="jalan", version=2, now=work.now))
                Cases.of(work).save(outcome)

        errors = at_once(accept, accept)
        assert [type(each) for each in errors] == [Refused]
        assert errors[0].slug == "stale"
        assert town.case(code).version == 3


def test_a_decision_and_a_persons_act_at_once_leave_one_holder(town):
    for _ in range(5):
        code = town.submit()
        town.deliver(town.routed(code, "jalan"))
        lapse = town.deadline(code, "accept")

        def accept(code=code):
            with town.works.begin() as work:
                case = Cases.of(work).get(code)
                Cases.of(work).save(custody.accept(case, Act(by="jalan", version=2, now=work.now)))

        errors = at_once(accept, lambda lapse=lapse: town.deliver(lapse))
        assert {getattr(each, "slug", each) for each in errors} <= {"stale"}
        assert (town.case(code).holder == "jalan") != bool(errors)
        with town.works.database.read() as connection:
            assert recording.verify(connection, code).broken_at is None


def test_a_chain_that_grows_while_it_is_verified_is_told_as_long_as_it_was_read(town):
    code = town.submit()

    def grow(*_):
        town.deliver(town.notified(code))

    with town.works.database.read() as connection:
        event.listen(connection, "after_execute", grow, once=True)
        assert recording.verify(connection, code) == recording.Verified(entries=2, broken_at=None)
        assert recording.head(connection, code).position == 3
