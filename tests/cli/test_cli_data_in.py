"""The analyst's first hour: from files to a study in order, with `init`, `check` and `link`."""

import pandas as pd
import pytest

BRIDGE = """\
  source                   541,909 rows       4,372 customers      9,747,747.9340
  − without_customer       135,080 rows           0 customers      1,447,682.1200
  − cancellations            8,905 rows       1,589 customers       -611,342.0900
  − without_price               40 rows          31 customers              0.0000
  = analysed               397,884 rows       4,338 customers      8,911,407.9040
"""
FINANCE = "control: {revenue: 8911407.904, tolerance: 0.0000001}\n"


@pytest.fixture(scope="module")
def retail(console, shared_data, tmp_path_factory):
    """The study that `init` writes of Online Retail, with nothing corrected."""
    folder = tmp_path_factory.mktemp("retail") / "params"
    out = folder / "sources" / "retail.yml"
    out.parent.mkdir(parents=True)
    done = console("init", shared_data / "online_retail" / "online_retail.csv.gz", "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"Next: workbench check {folder / 'retail.yml'}\n")
    return folder / "retail.yml"


@pytest.fixture
def own_source(retail):
    """The source file, restored after a test."""
    source = retail.parent / "sources" / "retail.yml"
    text = source.read_text(encoding="utf-8")
    yield source
    source.write_text(text, encoding="utf-8")


def test_the_bridge_of_online_retail_ends_at_the_usual_base_by_guess_alone(inside, retail, own_source):
    """The lines without a customer are excluded revenue, by their own name, and no loss."""
    with own_source.open("a", encoding="utf-8") as file:
        file.write(FINANCE)
    done = inside("check", retail, "--as-of", "2011-11-30")
    assert (done.code, done.err) == (0, "")
    assert BRIDGE in done.out
    assert "  read InvoiceDate as time, %Y-%m-%d %H:%M:%S" in done.out
    assert "control: revenue 8,911,407.9040 agrees with the figure of the source file" in done.out


def test_the_figure_of_finance_is_held_to(inside, retail, own_source):
    with own_source.open("a", encoding="utf-8") as file:
        file.write(FINANCE.replace("8911407.904", "9747747.934"))
    done = inside("run", retail, "--archive", retail.parent / "archive")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"{own_source}: control.revenue: the total `used` must be 9,747,747.934 ± 0.9748, as finance has it; "
        "got 8,911,407.9040 (-8.58%). Correct the mapping or the rules, or ask finance what its figure "
        "holds.\n"
    )
    assert not (retail.parent / "archive").exists()


def test_init_writes_over_nothing(inside, retail, shared_data):
    source = retail.parent / "sources" / "retail.yml"
    before = source.read_bytes()
    done = inside("init", shared_data / "online_retail" / "online_retail.csv.gz", "--out", source)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"{source}: the file to write must be a new one; got a file that is there. "
        "Choose another file with --out, or move this one away.\n"
    )
    assert source.read_bytes() == before


def test_link_proposes_and_merges_nothing(console, tmp_path):
    people = pd.DataFrame(
        {
            "id": [f"{n}" for n in range(60)] + ["900", "901"],
            "name": [f"Given{n} Family{n % 7}{n}" for n in range(60)]
            + ["Given3 Family33", "Given9 Family29"],
            "email": [f"p{n}@mail.example" for n in range(60)] + ["P3@MAIL.example ", "p9@mail.example"],
            "phone": [f"0300 55{n:04d}" for n in range(60)] + ["+49 300 550003", "0300-550009"],
        }
    )
    people.to_csv(tmp_path / "people.csv", index=False)
    done = console("link", tmp_path / "people.csv", "--out", tmp_path / "identities.csv")
    assert (done.code, done.err) == (0, "")
    links = pd.read_csv(tmp_path / "identities.csv", dtype=str)
    assert set(zip(links.id, links.canonical_id, strict=True)) == {
        ("3", "3"), ("900", "3"), ("9", "9"), ("901", "9")
    }  # fmt: skip
    assert {p.name for p in tmp_path.iterdir()} == {
        "people.csv", "identities.csv", "identities-pairs.csv", "identities-report.html"
    }  # fmt: skip
    assert "mail.example" not in done.out  # personal data stay in the files


def test_link_in_a_language_that_is_not_spoken(inside, tmp_path):
    done = inside("link", tmp_path / "p.csv", "--out", tmp_path / "i.csv", "--language", "fr")
    assert (done.code, done.out) == (2, "")
    assert done.err == "link: --language must be one of en, zh; got 'fr'. Use one of these names.\n"
