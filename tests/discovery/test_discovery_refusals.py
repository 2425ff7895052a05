"""Is each thing that can not be done refused in one message, with nothing written?"""

import pandas as pd
import pytest

from workbench import discovery
from workbench.errors import WorkbenchError

ORDERS = pd.DataFrame(
    {
        "order_id": ["1", "2", "3"],
        "customer_id": ["a", "b", "a"],
        "order_date": ["2024-01-13", "2024-01-14", "2024-02-15"],
        "amount": [1.5, 2.5, 3.5],
    }
)


def test_no_file(refused):
    assert refused() == ("init: the files must be one or more; got none. As in workbench init orders.csv.")


def test_a_file_that_is_not_there(refused, tmp_path):
    path = tmp_path / "orders.csv"
    assert refused(path) == f"{path}: the file must be a file that exists; got no such file. Check the path."


def test_a_folder(refused, tmp_path):
    assert refused(tmp_path) == (
        f"{tmp_path}: the file must be a file that exists; got a folder. Check the path."
    )


def test_a_file_of_an_unknown_kind_is_refused_by_the_reader(refused, tmp_path):
    path = tmp_path / "orders.docx"
    path.write_bytes(b"no table")
    assert "orders.docx" in refused(path)


def test_a_broken_book_is_refused_by_the_reader(refused, tmp_path):
    path = tmp_path / "orders.xlsx"
    path.write_bytes(b"no book")
    assert "orders.xlsx" in refused(path)


def test_nothing_recognisable_is_answered_with_what_was_seen_and_what_is_needed(refused, save):
    frame = pd.DataFrame({"colour": ["red", "blue"], "weight": [1, 2]})
    path = save(frame, "goods.csv")
    assert refused(path) == (
        "init: the columns must be enough for a canonical table (transactions: customer_id, ordered_at, "
        "amount; subscriptions: customer_id, churned or ended_at; feedback: text or rating or nps); "
        "got goods.csv: no table recognised in the columns colour, weight. "
        "If the columns are there under other names, write the source file by hand as the user guide shows."
    )


def test_personal_data_are_offered_as_a_key_and_not_taken(refused, save):
    frame = ORDERS.rename(columns={"customer_id": "Email"}).assign(Email=["a@b.org", "b@b.org", "a@b.org"])
    message = refused(save(frame, "orders.csv"))
    assert "not found customer_id (map Email as customer_id by hand if it tells customers apart: " in message
    assert "b.org" not in message


def test_a_file_without_names_is_refused_without_a_word_of_its_rows(refused, tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text("Smith,4711\nJones,4712\nMiller,4713\n", encoding="utf-8")
    message = refused(path)
    for value in ("Smith", "Jones", "4711", "4712"):
        assert value not in message


def test_an_existing_source_file_is_never_written_over(init, refused, save, tmp_path):
    there = init(save(ORDERS, "orders.csv")).source_path
    before = there.read_bytes()
    assert refused(tmp_path / "orders.csv") == (
        f"{there}: the file to write must be a new one; got a file that is there. "
        "Choose another file with --out, or move this one away."
    )
    assert there.read_bytes() == before


def test_an_existing_study_file_is_never_written_over(refused, save, tmp_path):
    study = tmp_path / "params" / "x.yml"
    study.parent.mkdir()
    study.write_text("mine", encoding="utf-8")
    assert str(study) in refused(save(ORDERS, "orders.csv"))
    assert study.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "params" / "sources" / "x.yml").exists()


def test_an_out_of_another_kind(save, tmp_path):
    with pytest.raises(WorkbenchError) as error:
        discovery.write_source([save(ORDERS, "orders.csv")], out=tmp_path / "x.csv")
    assert str(error.value) == (
        "--out: the file must be one that ends in .yml; got 'x.csv'. As in params/sources/shop.yml."
    )


def test_a_refusal_leaves_nothing_behind(refused, save, tmp_path):
    refused(save(pd.DataFrame({"colour": ["red"]}), "goods.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["goods.csv"]


def test_a_folder_that_can_not_be_made(save, tmp_path):
    (tmp_path / "params").write_text("a file, no folder", encoding="utf-8")
    out = tmp_path / "params" / "sources" / "x.yml"
    with pytest.raises(WorkbenchError) as error:
        discovery.write_source([save(ORDERS, "orders.csv")], out=out)
    assert str(error.value) == (
        f"{out}: the file to write must be in a folder one can write to; got Not a directory. "
        "Choose another --out."
    )


def test_a_disk_without_links_gets_whole_files_too(init, save, monkeypatch):
    def no_links(*_):
        raise PermissionError("links are not known here")

    monkeypatch.setattr("os.link", no_links)
    guess = init(save(ORDERS, "orders.csv"))
    assert guess.source_path.read_text("utf-8").startswith("# Written by `workbench init`")
    assert guess.study_path.is_file()
