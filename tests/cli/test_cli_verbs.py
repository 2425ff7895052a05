"""Does each verb that runs no notebook do what it says?"""

import re

import pytest


def test_demo_writes_a_company_whose_study_is_in_order(console, company):
    done = console("check", company / "study.yml")
    assert (done.code, done.err) == (0, "")
    first, *tables = done.out.splitlines()
    assert first == "demo: as of 2026-10-31, 4 notebooks, parameters in order"
    heads = [line.partition(":")[0] for line in tables if not line.startswith(" ")]
    named = "transactions customers events subscriptions tickets feedback campaigns spend"
    assert heads == [*named.split(), "identities", "contracts"]
    assert tables[-1] == "contracts: 8 tables hold theirs"


def test_check_prints_totals_that_balance(inside, company):
    done = inside("check", company / "study.yml", "--as-of", "2026-06")
    lines = done.out.splitlines()
    assert lines[0].startswith("demo: as of 2026-06-30,")
    balances = re.findall(
        r"([\d,.-]+) \w+ = ([\d,.-]+) used \+ ([\d,.-]+) excluded \+ ([\d,.-]+) quar", done.out
    )
    assert len(balances) >= 8  # rows and customers of the tables, and revenue
    for whole, *parts in balances:
        # Cents as integers: the sums are exact.
        whole, *parts = (int(re.sub(r"[,.]", "", number)) for number in (whole, *parts))
        assert whole == sum(parts)


def test_demo_leaves_a_folder_with_other_files_alone(inside, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    done = inside("demo", tmp_path, "--customers", "60")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"{tmp_path}: the folder must be absent, empty or an unchanged earlier demo; "
        "got other contents (entries: 1). Choose another folder, or move this one away.\n"
    )


def test_every_verb_has_a_help_page(inside):
    for verb in ("run", "backfill", "check", "demo", "archive"):
        done = inside(verb, "--help")
        assert (done.code, done.err) == (0, "")
        assert "Usage: workbench" in done.out


@pytest.mark.parametrize("arguments", [("runn",), ("run",), ("run", "study.yml", "--jobs", "0")])
def test_a_command_that_cannot_be_understood_ends_with_2(inside, arguments):
    done = inside(*arguments)
    assert done.code == 2
    assert "Usage: workbench" in done.err
    assert "Traceback" not in done.err
