"""Columns of the files made from arrays at once: numbered ids, labels, money."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DECIMAL = pa.decimal128(18, 2)
TIME = pa.timestamp("s")
ZERO = ord("0")


def numbered(prefix: str, numbers: NDArray[np.integer[Any]], digits: int) -> pa.StringArray:
    """Texts ``<prefix><number>``, the number with leading zeros in so many digits."""
    width, count = len(prefix) + digits, len(numbers)
    letters = np.empty((count, width), dtype=np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    rest = numbers.astype(np.uint32)  # no company has so many of anything that it would not hold them
    for place in range(width - 1, len(prefix) - 1, -1):
        tens = rest // 10
        letters[:, place] = ZERO + (rest - 10 * tens)
        rest = tens
    offsets = np.arange(count + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(letters))


def labels(
    words: Sequence[str], numbers: NDArray[np.integer[Any]], known: NDArray[np.bool_] | None = None
) -> pa.DictionaryArray:
    """The words with these numbers; missing where not `known`."""
    missing = None if known is None else ~known
    codes = pa.array(numbers.astype(np.int8), mask=missing)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(words), pa.string()))


def money(cents: NDArray[np.int64]) -> pa.Decimal128Array:
    """Amounts in the currency, exact."""
    words = np.empty((len(cents), 2), dtype=np.int64)  # low and high half of 128 bits
    words[:, 0], words[:, 1] = cents, cents >> 63
    return pa.Array.from_buffers(DECIMAL, len(cents), [None, pa.py_buffer(words)])


def times(moments: NDArray[np.datetime64], known: NDArray[np.bool_] | None = None) -> pa.TimestampArray:
    """Wall-clock times in whole seconds; missing where not `known`."""
    return pa.array(moments.astype("datetime64[s]"), TIME, mask=None if known is None else ~known)


def joined(parts: Sequence[pa.Array]) -> pa.Array:
    """The parts one after another, as one array."""
    return pa.concat_arrays(parts)
