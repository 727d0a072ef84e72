"""Nothing is sent twice and nothing passed over is lost, whatever redrives there were before."""

import random

import pytest

from services.classifier.events import RejectReason
from services.cli.marks import MOST_ATTEMPTS, Mark, Order

SCHEMA, POISON = RejectReason.SCHEMA, RejectReason.POISON
METADATA_MAX_BYTES = 4096
"""offset.metadata.max.bytes, unless an operator changes it."""


def order(*reasons: RejectReason, max_attempts: int = 3) -> Order:
    """An order for some reasons, or for all."""
    return Order(frozenset(reasons or RejectReason), max_attempts)


def test_a_redrive_goes_on_where_the_last_one_stopped() -> None:
    assert Mark().start(order()) == 0
    assert Mark().moved(order(), 70).start(order()) == 70


def test_what_was_passed_over_for_its_reason_waits_for_another_redrive() -> None:
    mark = Mark().moved(order(SCHEMA), 70)
    assert (mark.start(order(SCHEMA)), mark.start(order(POISON)), mark.start(order())) == (70, 0, 0)
    assert mark.passed(SCHEMA, 1) == 70


def test_what_was_left_for_its_attempts_waits_for_a_redrive_that_allows_more() -> None:
    mark = Mark().moved(order(max_attempts=3), 70)
    assert mark.start(order(max_attempts=4)) == 0
    assert [mark.passed(SCHEMA, attempts) for attempts in (1, 2, 3)] == [70, 70, 0]


def test_a_redrive_from_further_back_takes_no_mark_back() -> None:
    mark = Mark().moved(order(SCHEMA), 70).moved(order(), 20)
    assert (mark.start(order(SCHEMA)), mark.start(order(POISON))) == (70, 20)


def test_only_the_reasons_asked_for_are_forgotten() -> None:
    mark = Mark().moved(order(), 70).forgotten(order(SCHEMA))
    assert (mark.start(order(SCHEMA)), mark.start(order(POISON))) == (0, 70)


def test_the_offset_is_where_something_was_never_looked_at() -> None:
    assert Mark().moved(order(SCHEMA), 70).offset == 0
    assert Mark().moved(order(SCHEMA), 70).moved(order(), 20).offset == 20


@pytest.mark.parametrize("text", [None, "", "a client's own words", "[]", '{"schema": 1}'])
def test_an_offset_that_an_operator_set_holds_for_all(text: str | None) -> None:
    mark = Mark.read(70, text)
    assert mark.start(order(max_attempts=MOST_ATTEMPTS)) == 70


def test_a_mark_of_a_reason_that_is_not_known_yet_is_kept() -> None:
    mark = Mark.read(0, '{"of_tomorrow":{"3":9}}').moved(order(), 70)
    assert Mark.read(0, mark.text).steps["of_tomorrow"] == {3: 9}


@pytest.mark.parametrize("seed", range(20))
def test_any_redrives_send_each_reject_exactly_once_if_they_ask_for_it(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311 - a game, no secret
    rejects = [(choose.choice([SCHEMA, POISON]), choose.randint(1, 5)) for _ in range(60)]
    sent = [0] * len(rejects)
    mark = Mark()
    for number in range(12):
        asked = Order(frozenset(choose.choice([[SCHEMA], [POISON], [SCHEMA, POISON]])), choose.randint(2, 6))
        if number == 11:
            asked = Order(frozenset([SCHEMA, POISON]), 6)
        end = len(rejects) if number == 11 else choose.randint(0, len(rejects))
        for offset in range(mark.start(asked), end):
            reason, attempts = rejects[offset]
            wanted = reason in asked.reasons and attempts < asked.max_attempts
            sent[offset] += wanted and offset >= mark.passed(reason, attempts)
        mark = Mark.read(mark.offset, mark.moved(asked, max(end, mark.start(asked))).text)
    assert sent == [1] * len(rejects)


def test_a_mark_fits_beside_an_offset_whatever_redrives_there_were() -> None:
    mark = Mark()
    for most in range(MOST_ATTEMPTS, 1, -1):
        mark = mark.moved(order(max_attempts=most), 2**63 - most)
    assert len(mark.text) < METADATA_MAX_BYTES
    assert len(mark.steps[SCHEMA]) == MOST_ATTEMPTS - 1
