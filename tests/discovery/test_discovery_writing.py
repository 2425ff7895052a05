"""Are the written files whole, readable, and right when they are read again?"""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from workbench import discovery
from workbench.discovery.scalars import key, quote, value
from workbench.discovery.writing import slug, study_beside, title_of
from workbench.parameters import read_source, read_study

ORDERS = pd.DataFrame(
    {
        "order_id": ["1", "2", "3"],
        "customer_id": ["a", "b", "a"],
        "order_date": ["2024-01-13", "2024-01-14", "2024-02-15"],
        "amount": [1.5, 2.5, 3.5],
    }
)


def test_both_files_are_written_and_nothing_else(init, save, tmp_path):
    guess = init(save(ORDERS, "orders.csv"))
    written = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert written == ["orders.csv", "params/sources/x.yml", "params/x.yml"]
    assert (guess.source_path, guess.study_path) == (
        tmp_path / "params/sources/x.yml",
        tmp_path / "params/x.yml",
    )
    study = read_study(guess.study_path)
    assert study.source_path == guess.source_path
    assert read_source(study.source_path).tables["transactions"].from_ == "../../orders.csv"
    assert list(study.notebooks) == ["01_profiling", "02_segmentation", "03_churn"]


def test_every_mapped_column_says_how_sure_it_is_and_why(init, save):
    text = init(save(ORDERS, "orders.csv")).source_path.read_text(encoding="utf-8")
    assert "      amount: amount                            # sure: known header; numbers\n" in text
    assert (
        "      customer_id: customer_id                  # sure: known header; 2 different values\n" in text
    )


def test_ambiguous_dates_are_asked_for_in_one_line(init, save, content):
    days = [f"{1 + i % 12:02d}/{1 + 5 * i % 12:02d}/2011" for i in range(40)]
    frame = pd.DataFrame(
        {"customer_id": range(100, 140), "order_date": days, "amount": [1.5 + i for i in range(40)]}
    )
    guess = init(save(frame, "orders.csv"))
    line = "    # formats: {order_date: '%d/%m/%Y'}  # or '%m/%d/%Y': take the # in front off\n"
    text = guess.source_path.read_text(encoding="utf-8")
    assert line in text
    assert "To decide, one line each in the source file:" in guess.in_words()
    decided = text.replace("# formats:", "formats:", 1)
    assert yaml.safe_load(decided)["tables"]["transactions"]["formats"] == {"order_date": "%d/%m/%Y"}


@pytest.mark.parametrize(
    "header",
    [
        "no",
        "null",
        "a: b",
        "#1",
        "it's",
        'a "b"',
        "- x",
        "{a}",
        "2024",
        "订单编号",
        "a b",
        "%x",
        "@",
        "a#b",
        "&a",
        "*a",
        "select",
    ],
)
def test_any_header_stands_in_the_file_as_it_is(header):
    for write in (key, quote):
        assert yaml.safe_load(f"a: [{write(header)}]") == {"a": [header]}
    assert yaml.safe_load(f"a: {value(header)}  # remark") == {"a": header}


def test_the_default_place_is_named_after_the_first_file(save, tmp_path, monkeypatch):
    path = save(ORDERS, "My Orders 2024.csv")
    monkeypatch.chdir(tmp_path)
    guess = discovery.write_source([path])
    assert guess.source_path == Path("params/sources/my-orders-2024.yml")
    assert guess.study_path == Path("params/my-orders-2024.yml")
    assert read_study(guess.study_path).study == "my-orders-2024"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders.csv.gz", "orders"),
        ("订单.csv", "company"),
        ("Ventes été.xlsx", "ventes-ete"),
        ("a_b-c.csv", "a-b-c"),
    ],
)
def test_names_become_names_of_studies(name, expected):
    assert slug(name) == expected


def test_a_source_file_in_any_folder_has_its_study_beside_it():
    assert study_beside(Path("shop.yml")) == Path("shop_study.yml")
    assert study_beside(Path("params/sources/shop.yml")) == Path("params/shop.yml")
    assert study_beside(Path("sources/shop.yml")) == Path("shop.yml")


def test_a_source_file_written_from_inside_its_folder_has_its_study_above(tmp_path, monkeypatch):
    (tmp_path / "sources").mkdir()
    monkeypatch.chdir(tmp_path / "sources")
    assert study_beside(Path("shop.yml")) == Path("../shop.yml")


def test_a_title_is_a_name_with_blanks():
    assert title_of("my-online_shop") == "My online shop"


def test_the_same_files_give_the_same_text(save, tmp_path):
    path = save(ORDERS, "orders.csv")
    texts = [
        discovery.write_source([path], out=tmp_path / folder / "sources" / "x.yml").source_path.read_text(
            "utf-8"
        )
        for folder in ("one", "two")
    ]
    assert texts[0].replace("/one/", "/two/") == texts[1]
