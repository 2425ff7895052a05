"""The numbers under which the company knows people: member numbers, store cards, test and staff accounts."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.demo.columns import joined, numbered

LEAST_DIGITS = 7  # member numbers are written with leading zeros
CARD, STAFF = "K", "S"  # how numbers of store cards and of staff accounts begin
STAFF_ACCOUNTS, STAFF_DIGITS = 12, 4


@dataclass(frozen=True)
class Accounts:
    """The ids of one block, and the codes by which arrays name them.

    The member in row i of the block's people has code i, and n + i as holder of a store card; then come the
    test account and the staff accounts.
    """

    members: pa.StringArray
    cards: pa.StringArray
    special: pa.StringArray

    @property
    def test(self) -> int:
        """The code of the shop's test account."""
        return 2 * len(self.members)

    def card(self, people: NDArray[np.int64]) -> NDArray[np.int64]:
        """The codes of these members' store cards."""
        return len(self.members) + people

    def staff(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The codes of these staff accounts, numbers from 0 on."""
        return self.test + 1 + numbers

    def ids(self, codes: NDArray[np.int64], known: NDArray[np.bool_] | None = None) -> pa.StringArray:
        """The ids with these codes; missing where not `known`."""
        every = joined([self.members, self.cards, self.special])
        return every.take(pa.array(codes, mask=None if known is None else ~known))


def digits_of(customers: int) -> int:
    """Digits of a member number in a company of so many; the number of nines is the test account's."""
    return max(LEAST_DIGITS, len(str(customers + 1)))


def accounts_of(start: int, stop: int, customers: int) -> Accounts:
    """The accounts of the members from number `start` + 1 to `stop`."""
    numbers, digits = np.arange(start + 1, stop + 1), digits_of(customers)
    staff = numbered(STAFF, np.arange(1, STAFF_ACCOUNTS + 1), STAFF_DIGITS)
    special = joined([pa.array(["9" * digits]), staff])
    return Accounts(numbered("", numbers, digits), numbered(CARD, numbers * 7 % 10**digits, digits), special)


def identities(accounts: Accounts, holders: NDArray[np.int64]) -> pa.Table:
    """The company's list of store cards that belong to members: id, canonical_id."""
    return pa.table({"id": accounts.cards.take(holders), "canonical_id": accounts.members.take(holders)})
