from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DataError, IntegrityError

from estafet.relay.backoff import HANGING, NOT_YET, ORDINARY, Backoff
from estafet.relay.database import is_infrastructure
from estafet.relay.errors import HandlerTimeout, Hopeless, NotYet, Unreadable
from estafet.relay.failure import Failure, describe, unreturned


def failing(error: Exception) -> Failure:
    try:
        raise error
    except Exception as raised:
        return describe(raised)


@pytest.mark.parametrize(
    ("error", "backoff"),
    [
        (ValueError("x"), ORDINARY),
        (NotYet("x"), NOT_YET),
        (Hopeless("x"), None),
        (Unreadable("foreign", "x"), None),
        (HandlerTimeout("x"), HANGING),
        (DataError("insert", {}, Exception("integer out of range")), None),
    ],
)
def test_each_kind_of_failure_is_tried_again_in_its_own_way(error: Exception, backoff: Backoff | None) -> None:
    assert failing(error).backoff is backoff


def test_the_place_is_where_our_own_code_failed_not_the_library() -> None:
    def reads_badly() -> None:
        with create_engine("sqlite://").connect() as connection:
            connection.exec_driver_sql("select * from nowhere")

    try:
        reads_badly()
    except Exception as error:
        failure = describe(error)
    assert failure.place.startswith("tests.unit.relay.test_failure:")
    assert failure.place.endswith("reads_badly")
    assert failure.error == "OperationalError"


def test_a_database_error_keeps_its_first_sentence_and_no_values() -> None:
    class Diagnosis:
        message_primary = 'duplicate key value violates unique constraint "people_name"'

    class Original(Exception):
        diag = Diagnosis()

    error = IntegrityError("insert ...", {"name": "Siti"}, Original("...\nDETAIL: Key (name)=(Siti) exists"))
    assert failing(error).detail == Diagnosis.message_primary


@pytest.mark.parametrize("attempts", [1, 2, 5, 8, 10**6])
def test_the_wait_grows_is_jittered_and_never_exceeds_its_limit(attempts: int) -> None:
    step = min(2 * 4 ** min(attempts - 1, 64), 3600)
    waits = {ORDINARY.seconds(attempts) for _ in range(50)}
    assert len(waits) > 1
    assert all(step / 2 <= wait <= step for wait in waits)


def test_a_mistake_of_a_handler_is_not_taken_for_a_database_that_is_away() -> None:
    def error_of(statement: str) -> Any:
        with create_engine("sqlite://").connect() as connection:
            try:
                connection.exec_driver_sql("create table once (id integer primary key)")
                connection.exec_driver_sql("insert into once values (1)")
                connection.exec_driver_sql(statement)
            except Exception as error:
                return error

    assert not is_infrastructure(error_of("insert into once values (1)"))
    assert not is_infrastructure(KeyError("office"))
    assert is_infrastructure(error_of("attach '/nowhere/at/all' as away"))


def test_an_attempt_that_did_not_come_back_is_told_once_however_often_that_was() -> None:
    once = unreturned("ValueError", "x is not y", "app:handle")
    again = unreturned(once.error, once.detail, once.place)
    assert again == once
    assert again.detail.endswith("x is not y")
    assert again.backoff is None
