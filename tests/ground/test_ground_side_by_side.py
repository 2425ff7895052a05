"""Two pieces of work at the same time."""

import threading

import pytest

from workbench import language
from workbench.language import say
from workbench.side_by_side import side_by_side

MEETING_SECONDS = 60  # of a machine under load; they meet at once or never


def test_both_run_at_the_same_time():
    meeting = threading.Barrier(2)
    places = side_by_side(
        lambda: meeting.wait(MEETING_SECONDS),
        lambda: meeting.wait(MEETING_SECONDS),
    )
    assert sorted(places) == [0, 1]


def test_results_keep_their_order_and_the_first_stays_on_its_thread():
    first, second = side_by_side(threading.get_ident, threading.get_ident)
    assert first == threading.get_ident() != second


def test_both_speak_the_language_of_who_asks():
    with language.speaking("zh", "CNY"):
        told = side_by_side(lambda: say("report.checks"), lambda: say("report.checks"))
        assert told == (say("report.checks"), say("report.checks"))
    assert told[0] != say("report.checks")


def test_an_error_comes_once_both_have_ended_and_that_of_the_first_counts():
    ended = threading.Event()

    def fails() -> None:
        raise ValueError("second")

    def fails_too() -> None:
        raise KeyError("first")

    with pytest.raises(ValueError, match="second"):
        side_by_side(ended.set, fails)
    assert ended.is_set()
    with pytest.raises(KeyError, match="first"):
        side_by_side(fails_too, fails)
