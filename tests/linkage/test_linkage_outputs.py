"""What is written: the link table, the pairs and the page, in both languages, without a person's values."""

import re

import pandas as pd
import pytest

from workbench import language, linkage
from workbench.linkage.writing import outputs

PEOPLE = [
    {"id": "a1", "name": "Annabel Quixwood", "phone": "07700 900123", "email": "quix@gmail.com"},
    {"id": "a2", "name": "QUIXWOOD, Annabel", "phone": "+44 7700 900123", "email": "quix+x@gmail.com"},
    {"id": "b1", "name": "诸葛孔明", "phone": "13912345670", "email": "kongming@shu.cn"},
    {"id": "b2", "name": "诸葛 孔明", "phone": "+86 139-1234-5670", "email": None},
    {"id": "c1", "name": "Bob <b>Bold</b>", "phone": "02079460958", "email": "bob@mail.com"},
]
PERSONAL = ("quix", "annabel", "900123", "诸葛", "孔明", "kongming", "13912345670", "bold", "02079460958")


@pytest.fixture(params=["en", "zh"])
def written(request, tmp_path):
    """The three files of the proposal among PEOPLE, and what the terminal is told."""
    pd.DataFrame(PEOPLE).to_csv(tmp_path / "customers.csv", index=False)
    out = tmp_path / "identities.csv"
    with language.speaking(request.param):
        proposal = linkage.propose(tmp_path / "customers.csv", out=out)
        said = linkage.sentences(proposal, out)
    return (
        request.param,
        {kind: path.read_text(encoding="utf-8") for kind, path in outputs(out).items()},
        said,
    )


def test_files_hold_ids_and_words_and_no_value_of_a_person(written, capfd):
    tongue, files, said = written
    assert files["identities"] == "id,canonical_id\na1,a1\na2,a1\nb1,b1\nb2,b1\n"
    lines = files["pairs"].removeprefix("\ufeff").splitlines()
    assert lines[0] == {
        "en": "id 1,id 2,Probability,Decision,name,phone,e-mail",
        "zh": "编号一,编号二,概率,处理,姓名,电话,邮箱",
    }[tongue]  # fmt: skip
    assert lines[1].startswith("a1,a2,")
    everything = "\n".join([*files.values(), *said, *capfd.readouterr()]).casefold()
    assert not [value for value in PERSONAL if value in everything]


def test_the_page_is_whole_in_its_language_and_loads_nothing(written):
    tongue, files, _ = written
    page = files["report"]
    assert f'<html lang="{ {"en": "en", "zh": "zh-Hans"}[tongue] }">' in page
    with language.speaking(tongue):
        for code in ("title", "private", "question_fields", "question_use", "name_same", "blanked_none"):
            assert language.say(f"linkage.{code}") in page
    assert not re.search(r"<script|https?:|\burl\(|<link|<img|\son\w+=", page)
    assert "default-src 'none'" in page
    chinese = re.findall(r"[\u4e00-\u9fff]", re.sub(r"<style>.*?</style>", "", page, flags=re.S))
    assert (len(chinese) > 200) == (tongue == "zh")


def test_the_terminal_is_told_what_was_found_and_what_to_do(tmp_path):
    pd.DataFrame(PEOPLE).to_csv(tmp_path / "customers.csv", index=False)
    out = tmp_path / "identities.csv"
    said = linkage.sentences(linkage.propose(tmp_path / "customers.csv", out=out), out)
    assert said == [
        "Of 5 records, 4 are proposed as 2 people; 0 more pairs are listed for review.",
        "Only about 2 pairs of one person were found: too few to learn from. How much each agreement weighs "
        "is mostly the workbench's belief before data.",
        f"Written: {out} (link table), {tmp_path / 'identities-pairs.csv'} (pairs to look at), "
        f"{tmp_path / 'identities-report.html'} (report).",
        "Look at the pairs, delete the rows you doubt, and name the table under “identities” in the source "
        "file. Nothing is merged before that.",
    ]


def test_same_input_gives_the_same_bytes(tmp_path, judged):
    records = judged.records.head(300)[["id", "name", "phone", "email", "address"]]
    contents = []
    for run in ("one", "two"):
        folder = tmp_path / run
        folder.mkdir()
        records.to_csv(folder / "customers.csv", index=False)
        linkage.propose(folder / "customers.csv", out=folder / "identities.csv")
        contents.append([path.read_bytes() for path in outputs(folder / "identities.csv").values()])
        assert sorted(p.name for p in folder.iterdir()) == [
            "customers.csv",
            "identities-pairs.csv",
            "identities-report.html",
            "identities.csv",
        ]
    assert contents[0] == contents[1]


def test_the_catalogue_has_words_for_everything_in_both_languages():
    from workbench.language.catalogue import messages
    from workbench.linkage.comparisons import LEVELS

    codes = {level.code for levels in LEVELS.values() for level in levels} | {
        f"{kind}_{decision}"
        for kind in ("decision", "why")
        for decision in ("link", "review", "names", "household", "large", "contradicted")
    }
    for tongue in ("en", "zh"):
        assert {f"linkage.{code}" for code in codes} <= messages(tongue).keys()


def test_beliefs_of_every_field_sum_to_one():
    from workbench.linkage.comparisons import LEVELS

    for levels in LEVELS.values():
        assert sum(level.m for level in levels) == pytest.approx(1)
        assert sum(level.u for level in levels) == pytest.approx(1)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1000])
def test_the_page_fits_a_phone_and_asks_for_nothing(judged, chromium, width):
    page_file = outputs(judged.out)["report"]
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme="dark")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 25, 29)"
    page.close()
