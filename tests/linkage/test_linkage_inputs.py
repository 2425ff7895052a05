"""Which columns are taken, what is refused and how, and what becomes of files with little in them."""

from pathlib import Path

import pandas as pd
import pytest

from workbench import linkage
from workbench.errors import WorkbenchError
from workbench.linkage import LinkColumns
from workbench.linkage.columns import guess

ANNA = {
    "name": "Anna Schmidt",
    "phone": "07700 900123",
    "email": "anna@gmail.com",
    "address": "1 High St, Bath",
}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            ["Customer ID ", "Full Name", "E-Mail", "Mobile Phone", "City"],
            LinkColumns(("Customer ID ",), ("Full Name",), ("Mobile Phone",), ("E-Mail",)),
        ),
        (
            ["会员号", "姓名", "手机号码", "邮箱", "收货地址", "注册时间"],
            LinkColumns(("会员号",), ("姓名",), ("手机号码",), ("邮箱",), ("收货地址",)),
        ),
        (
            ["first_name", "LAST_NAME", "ＩＤ", "street", "city", "postcode", "tel"],
            LinkColumns(("ＩＤ",), ("first_name", "LAST_NAME"), ("tel",), (), ("street", "city", "postcode")),
        ),
        (["colour", "size"], LinkColumns()),
    ],
)
def test_columns_are_guessed_from_english_and_chinese_headers(headers, expected):
    assert guess(headers) == expected


def refused(files, **options):
    with pytest.raises(WorkbenchError) as error:
        linkage.propose(files, **options)
    assert error.value.exit_code == 2
    return str(error.value)


def write(path: Path, rows) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_missing_file_is_refused_with_the_nearest_name(tmp_path):
    write(tmp_path / "customers.csv", [{"id": 1} | ANNA])
    wanted = tmp_path / "custmers.csv"
    assert refused(wanted, out=tmp_path / "identities.csv") == (
        f"{wanted}: the customers file must be a file that exists; got no such file. "
        "Did you mean 'customers.csv'?"
    )


def test_a_file_without_a_column_to_compare_by_is_refused(tmp_path):
    path = write(tmp_path / "customers.csv", [{"id": 1, "colour": "red", "size": 3}])
    assert refused(path, out=tmp_path / "identities.csv") == (
        f"{path}: the file must be one with a name, a phone number, an e-mail address or an address; "
        "got the columns id, colour, size. Name the column, as in --email size."
    )


def test_a_file_without_a_column_of_ids_is_refused(tmp_path):
    path = write(tmp_path / "customers.csv", [{"ref": 1} | ANNA])
    assert refused(path, out=tmp_path / "identities.csv") == (
        f"{path}: the file must be one with a column of ids; got the columns ref, name, phone, email, "
        "address. Name the column of the customers' ids, as in --id ref."
    )


def test_an_unknown_column_is_refused_with_the_nearest_name(tmp_path):
    path = write(tmp_path / "customers.csv", [{"id": 1} | ANNA])
    columns = LinkColumns(phone=("phnoe",))
    assert refused(path, out=tmp_path / "identities.csv", columns=columns) == (
        f"{path}: --phone must be one of address, email, id, name, phone; got 'phnoe'. Did you mean 'phone'?"
    )


@pytest.mark.parametrize("suffix", ["identities.csv", "identities-pairs.csv", "identities-report.html"])
def test_nothing_is_overwritten(tmp_path, suffix):
    path = write(tmp_path / "customers.csv", [{"id": 1} | ANNA])
    there = tmp_path / suffix
    there.write_text("mine")
    assert refused(path, out=tmp_path / "identities.csv") == (
        f"--out: the file must be a new one; got '{there}', which exists. "
        "Remove it or name another with --out: what you have decided before is not overwritten."
    )
    assert there.read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["customers.csv", suffix])


def test_a_folder_that_is_not_there_and_a_wrong_ending_are_refused(tmp_path):
    path = write(tmp_path / "customers.csv", [{"id": 1} | ANNA])
    (tmp_path / "params").mkdir()
    assert refused(path, out=tmp_path / "param" / "identities.csv") == (
        f"--out: the folder must be one that exists; got '{tmp_path / 'param'}'. Did you mean 'params'?"
    )
    assert refused(path, out=Path("identities.xlsx")) == (
        "--out: the path must be that of a CSV file; got 'identities.xlsx'. As in --out identities.csv."
    )


def test_thresholds_out_of_range_are_refused(tmp_path):
    path = write(tmp_path / "customers.csv", [{"id": 1} | ANNA])
    out = tmp_path / "identities.csv"
    assert refused(path, out=out, threshold=1.0) == (
        "--threshold: the value must be from 0.5 to below 1; got 1. "
        "A higher one proposes fewer pairs and fewer false ones."
    )
    assert refused(path, out=out, review_threshold=0.99) == (
        "--review-threshold: the value must be above 0 and at most the threshold 0.95; got 0.99. "
        "Pairs between both are listed for review."
    )


def test_one_id_for_two_different_rows_is_refused_without_telling_it(tmp_path):
    rows = [{"id": "secret-7"} | ANNA, {"id": "secret-7"} | ANNA | {"phone": "07700 900999"}]
    path = write(tmp_path / "customers.csv", rows)
    assert refused(path, out=tmp_path / "identities.csv") == (
        f"{path}: ids must be unique; got 1 ids with different rows. "
        "Leave one row for each id; several ids of one person are what is looked for here."
    )


def test_ids_of_several_files_are_told_apart_by_prefixes(tmp_path):
    web = write(tmp_path / "web.csv", [{"id": 1} | ANNA, {"id": 2, "name": "Bob Jones"}])
    shop = write(
        tmp_path / "shop.csv",
        [{"会员号": 1, "姓名": "SCHMIDT, Anna", "手机号": "+44 7700 900123", "邮箱": "ANNA@gmail.com"}],
    )
    out = tmp_path / "identities.csv"
    assert refused([web, shop], out=out) == (
        f"{web}, {shop}: ids must be different in each file; got 1 ids that are in several. "
        "Give each file a prefix, as in --prefix web- --prefix shop-."
    )
    proposal = linkage.propose([web, shop], out=out, prefixes=["web-", "shop-"])
    assert proposal.identities.to_numpy().tolist() == [["web-1", "web-1"], ["shop-1", "web-1"]]
    assert refused([web, shop], out=tmp_path / "b.csv", prefixes=["web-"]) == (
        '--prefix: prefixes must be one for each file; got 1 for 2 files. Write "" for none.'
    )


def test_a_chinese_export_with_its_own_encoding_and_headers_is_read(tmp_path):
    rows = "编码;姓名;联系 电话 \n001;王小明;13912345670\n002;王 小明;+86 13912345670\n003;李雷;13912345999\n"
    path = tmp_path / "customers.csv"
    path.write_bytes(rows.encode("gb18030"))
    columns = LinkColumns(id=("编码",), phone=("联系 电话 ",))
    proposal = linkage.propose(path, out=tmp_path / "identities.csv", columns=columns)
    assert proposal.columns == (LinkColumns(("编码",), ("姓名",), ("联系 电话",)),)
    assert proposal.pairs["id_1"].tolist() == ["001"]
    assert proposal.pairs["name"].tolist() == ["name_same"]


def test_a_file_with_headers_only_is_refused(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("id,name\n")
    assert refused(path, out=tmp_path / "identities.csv") == (
        f"{path}: the table must be one with rows that have an id; got 0 rows. Check the file."
    )


def test_a_file_of_stopgaps_is_refused(tmp_path):
    rows = [{"id": i, "name": "unknown", "phone": "13800000000"} for i in range(5)]
    path = write(tmp_path / "customers.csv", rows)
    assert refused(path, out=tmp_path / "identities.csv") == (
        f"{path}: the columns to compare by must be filled; got 0 values in name, phone that are neither "
        "empty nor a stopgap. Name other columns."
    )


def codes(proposal):
    return [code for code, _ in proposal.warnings]


def test_one_row_gives_an_empty_proposal(propose):
    proposal = propose([{"id": 1} | ANNA])
    assert proposal.identities.empty
    assert codes(proposal) == ["linkage.warn_nothing_shared", "linkage.warn_beliefs"]


def test_three_equal_rows_are_one_person_by_the_beliefs_before_data(propose):
    proposal = propose([{"id": i} | ANNA for i in (10, 9, 11)])
    assert proposal.identities.to_numpy().tolist() == [["9", "9"], ["10", "9"], ["11", "9"]]
    assert not proposal.model.learned
    assert codes(proposal) == ["linkage.warn_beliefs"]


def test_a_file_without_duplicates_gives_an_empty_proposal(propose):
    rows = [
        {"id": i, "name": f"Given{i} Sur{i * 7}", "phone": f"077009{i:05d}", "email": f"box{i * 37}@mail.com"}
        for i in range(200)
    ]
    proposal = propose(rows)
    assert proposal.n_pairs == 0
    assert "linkage.warn_beliefs" in codes(proposal)


def test_names_alone_prove_nothing(propose):
    proposal = propose([{"id": i, "name": f"Given{i // 2} Sur{i // 2}"} for i in range(60)])
    assert proposal.n_pairs == 0
    assert codes(proposal) == ["linkage.warn_one_field"]


def test_mails_alone_are_proposed_with_a_warning(propose):
    proposal = propose([{"id": i, "email": f"person{i // 2}x@gmail.com", "phone": None} for i in range(60)])
    assert proposal.n_clusters == 30
    assert codes(proposal) == [
        "linkage.warn_empty_field",
        "linkage.warn_one_field",
        "linkage.warn_no_names",
    ]


def test_rows_without_an_id_and_repeated_rows_are_left_out_and_counted(propose):
    proposal = propose([{"id": 1} | ANNA, {"id": 1} | ANNA, {"id": None} | ANNA, {"id": 2} | ANNA])
    assert proposal.n_records == 2
    assert ("linkage.warn_without_id", {"n": 1}) in proposal.warnings
    assert ("linkage.warn_repeated", {"n": 1}) in proposal.warnings


def test_a_cluster_larger_than_one_person_is_held_back(propose):
    rows = [{"id": f"{i:02d}", "name": "Front Desk", "email": f"desk{i // 5}@hotel.com"} for i in range(10)]
    proposal = propose(rows, largest_cluster=4)
    assert proposal.identities.empty
    assert set(proposal.clusters["state"]) == {"large"}
    assert set(proposal.pairs.loc[proposal.pairs["probability"] >= 0.95, "decision"]) <= {
        "large",
        "household",
    }


def test_a_cluster_whose_names_contradict_is_held_back(propose):
    mail = {"email": "family@smiths.org", "phone": "07700 900123"}
    rows = [
        {"id": "1", "name": "Anna Smith"} | mail,
        {"id": "2", "name": None} | mail,
        {"id": "3", "name": "Peter Jones"} | mail,
    ]
    proposal = propose(rows)
    assert proposal.identities.empty
    assert proposal.clusters["state"].tolist() == ["contradicted"] * 3
    decisions = proposal.pairs.set_index(["id_1", "id_2"])["decision"].to_dict()
    assert decisions == {("1", "2"): "contradicted", ("2", "3"): "contradicted", ("1", "3"): "names"}
