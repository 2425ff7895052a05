"""Questions asked beside each other: an engine's single-threaded stretches, and Python's, then overlap.

DuckDB answers on connections of its own for each thread; the other engines are asked one after the other.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

import ibis
import ibis.expr.types as ir
import pyarrow as pa

AT_ONCE = 2  # each question takes as many threads as the engine has; more of them only take more memory
POLL_SECONDS = 0.05
P = ParamSpec("P")
T = TypeVar("T")


class Lanes:
    """Where questions of one table's engine are asked: see `lanes`."""

    def __init__(self, pool: ThreadPoolExecutor | None) -> None:
        self._pool = pool
        self.asked: list[Future[Any]] = []

    def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin to ask; what is asked through `answer` in it goes over a connection of the thread's own."""
        if self._pool is not None:
            asked = self._pool.submit(copy_context().run, lambda: question(*args, **kwargs))
            self.asked.append(asked)
            return asked
        done: Future[T] = Future()
        done.set_result(question(*args, **kwargs))
        return done


class _Connections:
    """The connections of one `lanes`, by thread."""

    def __init__(self, origin: Any) -> None:
        self.origin, self.catalog = origin, origin.current_catalog
        self.all: list[Any] = []
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Give this thread a connection; called as it starts."""
        with self._lock:
            own = ibis.duckdb.from_connection(self.origin.con.cursor())
            self.all.append(own)
        own.raw_sql(f'USE "{self.catalog}"')
        _thread.connection = (self.origin, own)


_thread = threading.local()


@contextmanager
def lanes(table: ir.Table, at_once: int = AT_ONCE) -> Iterator[Lanes]:
    """Ask up to `at_once` questions of `table`'s engine at once; whoever opens them only waits meanwhile.

    An error, or an interruption, of one ends the others too.
    """
    origin = table.get_backend()
    if origin.name != "duckdb" or at_once == 1:
        yield Lanes(None)
        return
    connections = _Connections(origin)
    pool = ThreadPoolExecutor(at_once, "lane", initializer=connections.enter)
    open_lanes = Lanes(pool)
    try:
        yield open_lanes
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        # Again and again: what is interrupted before the engine has begun begins all the same.
        while not all(asked.done() for asked in open_lanes.asked):
            for connection in connections.all:
                connection.con.interrupt()
            time.sleep(POLL_SECONDS)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        for connection in connections.all:
            connection.con.close()


def answer(question: ir.Table) -> pa.Table:
    """The rows of an Ibis expression, asked on the connection of the lane if this thread is one."""
    backend = question.get_backend()
    origin, own = getattr(_thread, "connection", (backend, backend))
    asked = own if backend is origin else backend
    if asked.name != "duckdb":
        found: pa.Table = asked.to_pyarrow(question)
        return found
    # Ibis itself has DuckDB plan a query twice: to know its columns, then to answer it.
    rows = asked.con.execute(asked.compile(question)).to_arrow_table()
    return rows.cast(question.schema().to_pyarrow())
