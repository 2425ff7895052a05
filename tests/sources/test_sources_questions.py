"""Questions asked beside each other get the answers they get alone, and an error ends them all."""

import threading
import time

import duckdb
import ibis
import pytest

from workbench.sources.questions import answer, lanes

N = 200_000


@pytest.fixture
def lines():
    con = ibis.duckdb.connect()
    con.raw_sql("ATTACH ':memory:' AS kept")
    con.raw_sql("USE kept")
    con.raw_sql(f"CREATE TABLE lines AS SELECT range AS n, range % 7 AS part FROM range({N})")
    return con.table("lines")


def total(lines, part):
    return answer(lines.filter(lines.part == part).aggregate(n=lines.n.sum()))["n"][0].as_py()


def test_answers_are_those_of_one_after_the_other(lines):
    alone = [total(lines, part) for part in range(7)]
    with lanes(lines) as beside:
        asked = [beside.ask(total, lines, part) for part in range(7)]
        assert [one.result() for one in asked] == alone == [sum(range(part, N, 7)) for part in range(7)]
    with lanes(lines, at_once=1) as beside:
        assert [beside.ask(total, lines, part).result() for part in range(7)] == alone


def test_two_are_asked_at_once_and_never_three(lines):
    inside, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=20)

    def wait(number):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        both.wait()  # would break if the other were not there
        with lock:
            inside -= 1

    with lanes(lines) as beside:
        for one in [beside.ask(wait, number) for number in range(6)]:
            one.result()
    assert most == 2


def test_an_error_ends_the_question_beside_it(lines):
    begun = threading.Event()

    def endless():
        begun.set()
        pairs = lines.cross_join(lines.view())  # 4e10 rows: minutes
        return answer(pairs.aggregate(n=pairs.n.sum()))

    def wrong():
        begun.wait()
        raise ValueError("this one")

    begin = time.monotonic()
    asked = []

    def both():
        with lanes(lines) as beside:
            asked.extend(beside.ask(one) for one in (endless, wrong, endless))
            asked[1].result()

    with pytest.raises(ValueError, match="this one"):
        both()
    # A machine that is busy takes its time; the question itself takes far longer.
    assert time.monotonic() - begin < 30
    assert isinstance(asked[0].exception(), duckdb.InterruptException)
    assert asked[2].cancelled() or isinstance(asked[2].exception(), duckdb.InterruptException)
    assert total(lines, 0) == sum(range(0, N, 7))  # the connection they came from works on


def test_no_thread_and_no_connection_stays(lines):
    before = threading.active_count()
    with lanes(lines) as beside:
        beside.ask(total, lines, 1).result()
        own = beside.ask(lambda: threading.current_thread()).result()
    assert not own.is_alive()
    assert threading.active_count() == before
