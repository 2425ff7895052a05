"""Does a report carry the company's own tags, and is a customer's card printed and never archived?"""

from typing import Any

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.run

OWN = {
    "group": "vip",
    "tags": [
        {
            "code": "vip",
            "name": {"en": "Very good customer", "zh": "重要客户"},
            "definition": {"en": "200 or more in the last year.", "zh": "近一年消费 200 及以上。"},
            "all": [{"of": "revenue_365d", "ge": 200}, {"of": "customers.region", "in": ["North", "Centre"]}],
        },
        {
            "code": "top_tenth",
            "name": "Best tenth",
            "definition": "Best tenth by revenue.",
            "band": {"of": "revenue", "from": 0.9, "to": 1},
        },
    ],
}


@pytest.fixture(scope="module")
def report(company, published, tmp_path_factory) -> Any:
    study = yaml.safe_load((company / "study.yml").read_text(encoding="utf-8"))
    source = str((company / study["source"]).resolve())
    content = {**study, "study": "own-tags", "source": source, "notebooks": {"01_profiling": OWN}}
    path = tmp_path_factory.mktemp("own") / "study.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return published(path)


def test_the_company_s_own_tags_are_in_the_portrait_and_on_the_page(report):
    tags = report.table("portrait").set_index("customer_id").tags
    rows = report.table("portrait").set_index("customer_id")
    best = rows.revenue_365d[tags.map(lambda own: "vip" in own)]
    assert len(best)
    assert best.min() >= 200
    page = report.text("01_profiling.html")
    assert "200 or more in the last year." in page
    assert "Very good customer" in page


def test_a_card_is_printed_by_id_and_by_pseudonym_in_both_languages(report, inside, company):
    raw = pd.read_csv(company / "customers.csv", dtype=str)
    known = set(report.table("portrait").customer_id)
    archive = report.folder.parents[2]
    by_id = inside("card", raw.iloc[0, 0], "--archive", archive)
    assert by_id.code == 0, by_id.err
    own = next(word for word in by_id.out.split() if word.startswith("c-")).strip(".,:：，")
    assert own in known
    again = inside("card", own, "--archive", archive, "--language", "zh")
    assert again.code == 0
    assert own in again.out
    assert "订单" in again.out


def test_a_customer_who_is_not_there_is_refused_without_her_id(report, inside):
    archive = report.folder.parents[2]
    done = inside("card", "no-such-person", "--archive", archive)
    n = len(report.table("portrait"))
    assert done.code == 2
    assert done.err.startswith(
        f"card: the customer must be one of the {n:,} of own-tags 2026-10; got one that is not there. "
    )
    assert "no-such-person" not in done.err


def test_a_run_refuses_to_show_a_card(company, inside, tmp_path):
    done = inside("run", company / "study.yml", "--set", "01_profiling.card=c17", "--archive", tmp_path / "a")
    assert done.code == 2
    assert done.err == (
        f"{company / 'study.yml'}: notebooks.01_profiling: card must be left out of a run, whose pages"
        " others read; got a value. Set it in JupyterLab.\n"
    )
    assert not list((tmp_path / "a").rglob("manifest.json"))
