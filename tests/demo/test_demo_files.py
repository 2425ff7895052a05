"""The folder: whole or not at all, the same bytes for the same arguments, and nobody's files overwritten."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from workbench import demo, parameters, sources
from workbench.demo import company, files, write
from workbench.demo.company import Plan
from workbench.demo.files import Tell, checksums
from workbench.demo.output import table_paths
from workbench.demo.population import LAST_DAY
from workbench.demo.source import UNMAPPED
from workbench.demo.vocabulary import rule_labels, words
from workbench.errors import WorkbenchError


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_arguments_give_the_same_bytes(tmp_path: Path, language: str) -> None:
    first = demo.write_company(tmp_path / "first", customers=120, seed=3, language=language)
    second = demo.write_company(tmp_path / "elsewhere" / "second", customers=120, seed=3, language=language)
    assert contents(first.parent) == contents(second.parent)
    assert first == tmp_path / "first" / "source.yml"


def test_another_seed_gives_another_company(tmp_path: Path) -> None:
    first = demo.write_company(tmp_path / "first", customers=120, seed=3)
    second = demo.write_company(tmp_path / "second", customers=120, seed=4)
    same = {n for n, data in contents(first.parent).items() if contents(second.parent)[n] == data}
    assert same == {"source.yml", "study.yml"}


def test_nothing_is_left_beside_the_folder_and_others_may_read_it(tmp_path: Path) -> None:
    demo.write_company(tmp_path / "shop", customers=50)
    plain = tmp_path / "plain"
    plain.mkdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain", "shop"]
    assert stat.S_IMODE((tmp_path / "shop").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_an_empty_folder_is_filled_and_an_unchanged_demo_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    demo.write_company(folder, customers=60)
    demo.write_company(folder, customers=50, language="zh")
    assert json.loads((folder / "truth/truth.json").read_text())["demo"]["customers"] == 50
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_the_same_demo_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = demo.write_company(tmp_path / "shop", customers=60)
    monkeypatch.setattr(write, "write_files", lambda *_: pytest.fail("drawn again"))
    assert demo.write_company(tmp_path / "shop", customers=60) == source


def test_a_demo_of_another_version_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "DEMO_VERSION", "0")
    demo.write_company(tmp_path / "shop", customers=60)
    monkeypatch.undo()
    demo.write_company(tmp_path / "shop", customers=60)
    assert (
        json.loads((tmp_path / "shop/truth/truth.json").read_text())["demo"]["version"] == demo.DEMO_VERSION
    )


def test_a_process_that_comes_second_leaves_the_first_ones_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, written = tmp_path / "shop", write.write_files

    def overtaken(plan: Plan, near: Path, arguments: dict[str, Any], tell: Tell | None) -> None:
        monkeypatch.setattr(write, "write_files", written)
        demo.write_company(folder, customers=plan.customers, seed=plan.seed, language=plan.language)
        monkeypatch.setattr(write, "_publish", publish_and_look)
        written(plan, near, arguments, tell)

    def publish_and_look(built: Path, target: Path, *rest: object) -> None:
        before = target.stat().st_ino
        publish(built, target, *rest)
        assert target.stat().st_ino == before

    publish = write._publish
    monkeypatch.setattr(write, "write_files", overtaken)
    demo.write_company(folder, customers=60)
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_run_that_breaks_leaves_the_earlier_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo.write_company(tmp_path / "shop", customers=60)
    before = contents(tmp_path / "shop")

    def breaks(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(write, "write_files", breaks)
    with pytest.raises(OSError, match="no space left"):
        demo.write_company(tmp_path / "shop", customers=70)
    assert contents(tmp_path / "shop") == before
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_folder_with_files_of_another_origin_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("mine")
    message = (
        f"{tmp_path}: the folder must be absent, empty or an unchanged earlier demo; "
        "got other contents (entries: 1). Choose another folder, or move this one away."
    )
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        demo.write_company(tmp_path, customers=50)
    assert contents(tmp_path) == {"orders.csv": b"mine"}


@pytest.mark.parametrize("change", ["edited", "added", "deleted"])
def test_a_demo_that_somebody_changed_is_refused(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "shop"
    study = demo.write_company(folder, customers=50).with_name("study.yml")
    if change == "edited":
        study.write_text(study.read_text() + "seed: 2\n")
    elif change == "added":
        (folder / "notes.txt").write_text("mine")
    else:
        study.unlink()
    name = "notes.txt" if change == "added" else "study.yml"
    message = (
        f"{folder}: the folder must be absent, empty or an unchanged earlier demo; got a demo that was "
        f"changed (files: 1, the first is {name}). Choose another folder, or move this one away."
    )
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        demo.write_company(folder, customers=50)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("mine")
    with pytest.raises(WorkbenchError, match="unchanged earlier demo; got a file"):
        demo.write_company(tmp_path / "shop")
    with pytest.raises(WorkbenchError, match="the folder must be in a place one can write to; got "):
        demo.write_company(tmp_path / "shop" / "inner")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"customers": 49},
            "demo: customers must be from 50 to 50,000,000; got 49. Choose a number in this range.",
        ),
        ({"seed": -1}, "demo: seed must be 0 or more; got -1. Choose another seed."),
        ({"language": "cn"}, "demo: language must be one of en, zh; got 'cn'. Use one of these names."),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkbenchError, match=f"^{re.escape(message)}$"):
        demo.write_company(tmp_path / "shop", **arguments)
    assert not (tmp_path / "shop").exists()


def test_source_and_study_files_are_valid_and_fit_the_tables(folder: Path, language: str) -> None:
    source = parameters.read_source(folder / "source.yml")
    study = parameters.read_study(folder / "study.yml")
    assert study.source_path == folder / "source.yml"
    assert (study.study, study.language) == ("demo", language)
    assert list(study.notebooks) == list(parameters.MODELS)
    assert list(source.tables) == list(table_paths(parquet=False))
    headers = words(language)["headers"]
    for name, mapping in source.tables.items():
        found = set(pd.read_csv(folder / mapping.from_, nrows=0).columns)
        left_out = {headers[name][column] for column in UNMAPPED.get(name, ())}
        named = {re.sub(r"^CASE WHEN ", "", str(sql)).split(" = ")[0] for sql in mapping.columns.values()}
        assert named | set(mapping.attributes) == found - left_out, name
    assert [rule.name for rule in source.rules] == list(rule_labels())
    assert all(set(rule.label) == {"en", "zh"} for rule in source.rules)


def test_the_workbench_arrives_at_the_totals_of_the_truth(folder: Path, truth: dict[str, Any]) -> None:
    p = parameters.ProfilingParameters(source=folder / "source.yml", as_of=LAST_DAY)
    data = sources.load(p)
    whole = data.totals["transactions"].whole
    control, counts = truth["control"]["transactions"], truth["counts"]
    assert whole.rows["in"] == control["rows"]
    assert whole.rows["used"] == control["used"]["rows"]
    assert float(whole.revenue["in"]) == control["revenue"]
    assert float(whole.revenue["used"]) == control["used"]["revenue"]
    # Store cards are their holders.
    assert whole.customers["used"] == counts["buyers"]
    for name in set(source_tables := truth["control"]) - {"transactions", "identities"}:
        assert data.totals[name].whole.rows["used"] == source_tables[name]["rows"], name


def test_the_sums_of_the_truth_are_those_of_the_files(
    tables: dict[str, pd.DataFrame], truth: dict[str, Any], language: str
) -> None:
    control, own = truth["control"], words(language)
    assert {name: len(table) for name, table in tables.items()} == {
        name: entry["rows"] for name, entry in control.items()
    }
    lines = tables["transactions"].assign(cents=lambda t: (t["amount"].astype(float) * 100).round())
    prefix = lines["order_id"].str[0]
    kinds = {
        "tests": lines["channel"] == own["test_channel"],
        "staff": lines["customer_id"].str.startswith("S"),
        "cancelled": lines["status"] == own["order_statuses"][1],
        "shipping": lines["product_id"] == "POST01",
        "replacements": prefix == "Z",
        "refunds": lines["cents"] < 0,
        "without_member": lines["customer_id"] == "",
        "without_date": ~lines["ordered_at"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    }
    kinds["sales"] = ~pd.DataFrame(kinds).any(axis=1)
    for name, which in kinds.items():
        found = {"rows": int(which.sum()), "revenue": round(lines["cents"][which].sum() / 100, 2)}
        assert found == control["transactions"]["by_kind"][name], name
    spent = tables["spend"]["amount"].astype(float)
    assert round(spent.sum(), 2) == control["spend"]["amount"]
    assert sum(channel["spend"] for channel in truth["channels"].values()) == pytest.approx(spent.sum())
    assert sum(channel["members"] for channel in truth["channels"].values()) == len(tables["customers"])


def test_progress_is_told_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (company, files):
        monkeypatch.setattr(module, "BLOCK_CUSTOMERS", 60)
    told: list[tuple[int, int]] = []
    demo.write_company(tmp_path / "shop", customers=150, tell=lambda *done: told.append(done))
    assert told == [(60, 150), (120, 150), (150, 150)]


def test_both_languages_have_the_same_words() -> None:
    english, chinese = words("en"), words("zh")
    assert english.keys() == chinese.keys()
    for table in table_paths(parquet=False):
        assert english["headers"][table].keys() == chinese["headers"][table].keys()
    for key, value in english.items():
        if isinstance(value, list) and key != "regions":
            assert len(chinese[key]) == len(value), key


def test_the_readme_says_what_it_is(folder: Path, language: str) -> None:
    text = (folder / "README.txt").read_text(encoding="utf-8")
    expected = "No person, order, opinion or\nproduct" if language == "en" else "均为虚构"
    assert expected in text
    assert "3,000" in text
    assert "{" not in text


def test_the_truth_file_names_every_other_file(folder: Path, truth: dict[str, Any]) -> None:
    assert truth["files"] == checksums(folder)
    assert set(truth["files"]) == {
        *table_paths(parquet=False).values(),
        *("README.txt", "source.yml", "study.yml"),
        *("truth/feedback.parquet", "truth/truth.parquet"),
    }
    assert yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))["engine"] == "duckdb"


def test_the_truth_file_states_laws_and_effects(truth: dict[str, Any], plan: Plan) -> None:
    laws = truth["laws"]
    assert laws["purchase_model"]["r"] == plan.population.r
    assert laws["failures"]["survival_power"] == plan.population.survival_power
    assert laws["failures"]["burst"]["first_day"] == "2026-09-01"
    assert set(laws["campaigns"]["orders_added_if_alive"]) == {"recent", "cooling", "silent", "complained"}
    assert laws["channels"]["fake_channel"] == "partner_network"
    days = laws["season"]["days_on_the_clock_by_day"]
    assert len(days) == len(laws["season"]["basket_by_day"]) == 1_047
    assert sum(days[:366]) == pytest.approx(366)  # 2024
