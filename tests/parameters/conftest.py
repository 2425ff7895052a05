"""Study and source files as a user writes them, some with mistakes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError

STUDY = """\
study: shop
title: Shop
source: shop-source.yml
notebooks:
  01_profiling: {}
  03_churn: {horizon_days: 60}
"""
SOURCE = """\
tables:
  transactions:
    from: orders.csv
    columns: {customer_id: id, ordered_at: day, amount: paid}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """A YAML file of the given text."""

    def written(text: str) -> Path:
        path = tmp_path / "shop.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def refused() -> Callable[..., str]:
    """The whole message of the refusal that a call ends in."""

    def message(call: Callable[..., object], *given: object) -> str:
        with pytest.raises(WorkbenchError) as error:
            call(*given)
        assert error.value.exit_code == 2
        return str(error.value)

    return message


@pytest.fixture
def study() -> str:
    return STUDY


@pytest.fixture
def source() -> str:
    return SOURCE
