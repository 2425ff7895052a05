"""Canonical feedback made of frames, and one company whose every text is known."""

from collections.abc import Callable
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench import feedback
from workbench.parameters import FeedbackParameters
from workbench.sources import Canonical

AS_OF = date(2026, 6, 30)
FEEDBACK_TYPES = {
    "feedback_id": "string",
    "customer_id": "string",
    "given_at": "timestamp",
    "text": "string",
    "rating": "float64",
    "nps": "float64",
    "label": "string",
    "channel": "string",
    "product_id": "string",
}
TICKET_TYPES = {
    "customer_id": "string",
    "opened_at": "timestamp",
    "ticket_id": "string",
    "kind": "string",
    "channel": "string",
    "department": "string",
    "first_response_at": "timestamp",
    "resolved_at": "timestamp",
    "reopened": "boolean",
    "contacts": "float64",
    "severity": "string",
}
# What the made-up customers write: about one thing each, in one of two languages.
THEMES = {
    "delivery": (
        "courier parcel doorstep driver depot tracking van postman letterbox route sender dispatch",
        "快递 包裹 物流 驿站 签收 派送 司机 仓库 路线 门口 邮局 运输",
    ),
    "app": (
        "checkout password login screen button browser keyboard account website cursor menu update",
        "登录 密码 页面 按钮 界面 支付 账号 网站 键盘 菜单 搜索 屏幕",
    ),
    "size": (
        "waist sleeve shoulder collar hem length chest hip trousers jacket tailor fabric",
        "袖子 领口 腰围 衣长 尺码 肩宽 胸围 裤子 外套 裁缝 面料 裙子",
    ),
}
OPINIONS = {
    "negative": ("dreadful", "really terrible", "太糟糕了", "非常失望"),
    "positive": ("delightful", "simply wonderful", "非常满意", "特别喜欢"),
}
SECRET = "zanzibar"  # a word that one customer uses, again and again


def typed(types: dict[str, str], columns: dict[str, Any]) -> pd.DataFrame:
    """A frame with every canonical column, NULL where not given."""
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({name: columns.get(name, [None] * n) for name in types})
    times = [name for name, kind in types.items() if kind == "timestamp"]
    numbers = [name for name, kind in types.items() if kind == "float64"]
    return frame.astype(dict.fromkeys(times, "datetime64[us]") | dict.fromkeys(numbers, "float64"))


@pytest.fixture(scope="session")
def as_feedback() -> Callable[..., pd.DataFrame]:
    """Makes a canonical feedback frame of the columns given; ids are numbered if not given."""

    def make(**columns: Any) -> pd.DataFrame:
        n = len(next(iter(columns.values())))
        columns = {"feedback_id": [f"f{i:09d}" for i in range(n)]} | columns
        return typed(FEEDBACK_TYPES, {name: list(values) for name, values in columns.items()})

    return make


@pytest.fixture(scope="session")
def as_tickets() -> Callable[..., pd.DataFrame]:
    """Makes a canonical tickets frame of the columns given."""
    return lambda **columns: typed(TICKET_TYPES, columns)


@pytest.fixture(scope="session")
def as_canonical() -> Callable[..., Canonical]:
    """Makes canonical tables of frames."""

    def make(feedback: pd.DataFrame | None, tickets: pd.DataFrame | None = None) -> Canonical:
        given = {"feedback": (feedback, FEEDBACK_TYPES), "tickets": (tickets, TICKET_TYPES)}
        tables = {
            name: ibis.memtable(frame, schema=ibis.schema(types))
            for name, (frame, types) in given.items()
            if frame is not None
        }
        return Canonical(AS_OF, AS_OF, {}, tables, {})

    return make


def say_something(theme: str, opinion: str, chinese: int, rng: np.random.Generator) -> str:
    words = rng.choice(THEMES[theme][chinese].split(), 3, replace=False)
    judgement = OPINIONS[opinion][2 * chinese + rng.integers(2)]
    return f"{'，'.join(words)}，{judgement}" if chinese else f"{' '.join(words)} was {judgement}"


@pytest.fixture(scope="session")
def utterances(as_feedback: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """900 utterances of 300 customers over six months; size is what hurts; one in three is not rated."""
    rng = np.random.default_rng(7)
    n = 900
    theme = rng.choice(list(THEMES), n)
    negative = rng.random(n) < np.where(theme == "size", 0.8, 0.2)
    opinion = np.where(negative, "negative", "positive")
    chinese = rng.integers(0, 2, n)
    texts = [say_something(*row, rng) for row in zip(theme, opinion, chinese, strict=True)]
    customers = [f"c{i % 300:04d}" for i in range(n)]
    texts = [f"{text} {SECRET}" if i % 300 == 5 else text for i, text in enumerate(texts)]
    texts[::20] = [None] * len(texts[::20])
    rating = np.where(negative, rng.integers(1, 3, n), rng.integers(4, 6, n)).astype(float)
    rating[rng.random(n) < 1 / 3] = np.nan
    given_at = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 180 * 24, n), unit="h")
    nps = np.where(negative, rng.integers(0, 9, n), rng.integers(7, 11, n)).astype(float)
    return as_feedback(
        customer_id=customers, text=texts, rating=rating, nps=nps, given_at=given_at, product_id=theme
    )


@pytest.fixture(scope="session")
def heard(utterances: pd.DataFrame, as_canonical: Callable[..., Canonical]) -> feedback.Listening:
    """What is heard of `utterances`."""
    return feedback.listen(as_canonical(utterances), FeedbackParameters())
