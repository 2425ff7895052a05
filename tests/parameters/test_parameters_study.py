"""Is a study file read as it is meant, and every mistake in it answered with one clear message?"""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.parameters import MODELS, read_study

KEYS = "also_in, currency, identify, language, notebooks, seed, source, study, timezone, title"
CHURN_KEYS = "active_days, basis, cutoffs, high_risk, horizon_days"


def test_a_study_is_read_with_its_defaults(write, study):
    read = read_study(write(study))
    assert (read.study, read.title, read.language, read.currency) == ("shop", "Shop", "en", "EUR")
    assert (read.timezone, read.seed, read.identify) == ("UTC", 1, False)
    assert read.notebooks == {"01_profiling": {}, "03_churn": {"horizon_days": 60}}


def test_the_source_is_found_from_the_place_of_the_study(write, study):
    path = write(study)
    assert read_study(path).source_path == (path.parent / "shop-source.yml").resolve()


def test_a_notebook_gets_its_own_keys_and_those_of_the_study(write, study):
    read = read_study(write(study + "language: zh\ncurrency: CNY\ntimezone: Asia/Shanghai\nseed: 7\n"))
    p = read.parameters_of("03_churn", date(2011, 10, 31))
    assert (p.horizon_days, p.active_days) == (60, MODELS["03_churn"]().active_days)
    assert (p.language, p.currency, p.timezone, p.seed) == ("zh", "CNY", "Asia/Shanghai", 7)
    assert (p.as_of, p.source) == (date(2011, 10, 31), read.source_path)


def test_a_study_can_not_be_changed(write, study):
    with pytest.raises(Exception, match="frozen"):
        read_study(write(study)).seed = 3


def test_a_notebook_without_a_section_body_has_its_defaults(write, study):
    assert read_study(write(study + "  04_feedback:\n")).notebooks["04_feedback"] == {}


def test_the_study_of_the_demo_company_is_valid():
    root = Path(__file__).parents[2]
    assert set(read_study(root / "params" / "demo.yml").notebooks) == set(MODELS)


MISTAKES = {
    "a key of the study that does not exist": (
        ("title: Shop", "title: Shop\nlangage: en"),
        f"langage must be one of {KEYS}; got 'langage'. Did you mean 'language'?",
    ),
    "a misspelled key that must be there": (
        ("source:", "sorce:"),
        f"sorce must be one of {KEYS}; got 'sorce'. Did you mean 'source'? (1 more to mend in this file.)",
    ),
    "a key that is missing": (("title: Shop\n", ""), "title must be given; got nothing. Add the key."),
    "where the file is": (
        ("title: Shop", "title: Shop\npath: here.yml"),
        f"path must be one of {KEYS}; got 'path'. Use one of these names.",
    ),
    "a key twice": (
        ("title: Shop", "title: Shop\ntitle: Show"),
        "the study file must be valid YAML in UTF-8; got the key 'title' stands twice (line 1 and below). "
        "Mend the file.",
    ),
    "a key of a notebook twice": (
        ("{horizon_days: 60}", "{horizon_days: 60, horizon_days: 90}"),
        "the study file must be valid YAML in UTF-8; got the key 'horizon_days' stands twice (line 6 and "
        "below). Mend the file.",
    ),
    "a language that is not spoken": (
        ("title: Shop", "title: Shop\nlanguage: de"),
        "language must be 'en' or 'zh'; got 'de'. Correct the value.",
    ),
    "a currency that is no code": (
        ("title: Shop", "title: Shop\ncurrency: euro"),
        "currency must be text that fits the pattern ^[A-Z]{3}$; got 'euro'. Correct the value.",
    ),
    "a misspelled time zone": (
        ("title: Shop", "title: Shop\ntimezone: Europe/Berln"),
        "timezone must be an IANA time zone (did you mean Europe/Berlin?); got 'Europe/Berln'. "
        "Correct the value.",
    ),
    "a name that can be no folder": (
        ("study: shop", "study: ../shop"),
        "study must be text that fits the pattern ^[a-z0-9][a-z0-9_-]*$; got '../shop'. Correct the value.",
    ),
    "a number that is text": (
        ("title: Shop", "title: Shop\nseed: one"),
        "seed must be a valid integer, unable to parse string as an integer; got 'one'. Correct the value.",
    ),
    "a number out of range": (
        ("title: Shop", "title: Shop\nseed: -1"),
        "seed must be greater than or equal to 0; got -1. Correct the value.",
    ),
    "a date that is no date": (
        ("title: Shop", "title: 2011-02-30"),
        "the study file must be valid YAML in UTF-8; got '2011-02-30', which is no date (line 2). "
        "Mend the file.",
    ),
    "a notebook that does not exist": (
        ("03_churn", "03_chrun"),
        "notebooks.03_chrun must be one of 01_profiling, 02_segmentation, 03_churn, 04_feedback; "
        "got '03_chrun'. Did you mean '03_churn'?",
    ),
    "no notebook": (
        ("  01_profiling: {}\n  03_churn: {horizon_days: 60}\n", "  {}\n"),
        "notebooks must be filled: 1 entry or more; got an empty mapping. Correct the value.",
    ),
    "a list of notebooks": (
        ("  01_profiling: {}\n  03_churn: {horizon_days: 60}\n", "  - 01_profiling\n"),
        "notebooks must be a mapping of names to values; got ['01_profiling']. Correct the value.",
    ),
    "a section that is no mapping": (
        ("{horizon_days: 60}", "60 days"),
        "notebooks.03_churn must be a mapping of names to values; got '60 days'. Correct the value.",
    ),
    "a parameter that does not exist": (
        ("horizon_days", "horizon_day"),
        f"notebooks.03_churn.horizon_day must be one of {CHURN_KEYS}; got 'horizon_day'. "
        "Did you mean 'horizon_days'?",
    ),
    "a parameter of another notebook": (
        ("horizon_days: 60", "rfm_groups: 4"),
        f"notebooks.03_churn.rfm_groups must be one of {CHURN_KEYS}; got 'rfm_groups'. "
        "Use one of these names.",
    ),
    "a key of the whole study in a section": (
        ("horizon_days: 60", "language: zh"),
        f"notebooks.03_churn.language (the study's own key) must be one of {CHURN_KEYS}; got 'language'. "
        "Use one of these names.",
    ),
    "a parameter of a wrong type": (
        ("horizon_days: 60", "horizon_days: two months"),
        "notebooks.03_churn.horizon_days must be a valid integer, unable to parse string as an integer; "
        "got 'two months'. Correct the value.",
    ),
    "half a day": (
        ("horizon_days: 60", "horizon_days: 60.5"),
        "notebooks.03_churn.horizon_days must be a valid integer, got a number with a fractional part; "
        "got 60.5. Correct the value.",
    ),
    "a parameter out of range": (
        ("horizon_days: 60", "horizon_days: 3"),
        "notebooks.03_churn.horizon_days must be greater than or equal to 7; got 3. Correct the value.",
    ),
    "two parameters out of range": (
        ("horizon_days: 60", "horizon_days: 3, cutoffs: 99"),
        "notebooks.03_churn.horizon_days must be greater than or equal to 7; got 3. Correct the value. "
        "(1 more to mend in this file.)",
    ),
    "a parameter that is no number": (
        ("horizon_days: 60", "high_risk: .nan"),
        "notebooks.03_churn.high_risk must be less than 0.5; got nan. Correct the value.",
    ),
    "a choice that is none": (
        ("horizon_days: 60", "basis: contracts"),
        "notebooks.03_churn.basis must be 'auto', 'orders' or 'subscriptions'; got 'contracts'. "
        "Correct the value.",
    ),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_one_message_with_file_key_rule_and_value(write, study, refused, change, message):
    assert change[0] in study
    path = write(study.replace(*change))
    assert refused(read_study, path) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("text", "got"), [("", "NoneType"), ("- a\n", "list"), ("only words\n", "str")], ids=repr
)
def test_a_file_that_holds_no_mapping_is_refused(write, refused, text, got):
    path = write(text)
    assert refused(read_study, path) == (
        f"{path}: the study file must be a mapping of keys to values; got {got}. See the user guide."
    )


def test_a_file_that_is_no_yaml_is_refused_with_the_place(write, refused):
    message = refused(read_study, write("study: [a\ntitle: b\n"))
    assert "the study file must be valid YAML in UTF-8; got while parsing a flow sequence" in message
    assert "line 2" in message
    assert "\n" not in message


def test_a_file_in_another_encoding_is_refused(tmp_path, refused):
    path = tmp_path / "shop.yml"
    path.write_bytes("title: 商店\n".encode("gb18030"))
    assert refused(read_study, path).startswith(f"{path}: the study file must be valid YAML in UTF-8; got ")


def test_a_study_that_does_not_exist_is_refused_with_those_that_do(write, study, refused):
    missing = write(study).parent / "shp.yml"
    assert refused(read_study, missing) == (
        f"{missing}: the study file must be a file that exists; got no such file. "
        "In that folder there are: shop.yml."
    )


def test_a_study_in_a_folder_that_does_not_exist_is_refused(tmp_path, refused):
    missing = tmp_path / "nowhere" / "shop.yml"
    assert refused(read_study, missing) == (
        f"{missing}: the study file must be a file that exists; got no such file. Check the path."
    )


def test_keys_may_be_merged_from_another_part_of_the_file(write, study):
    text = study.replace("01_profiling: {}", "01_profiling: &short {}").replace(
        "{horizon_days: 60}", "\n    <<: *short\n    horizon_days: 45"
    )
    assert read_study(write(text)).notebooks["03_churn"] == {"horizon_days": 45}


def test_an_override_takes_the_place_of_the_value_in_the_file(write, study):
    read = read_study(write(study), ("03_churn.horizon_days=45", "03_churn.basis=orders"))
    assert read.notebooks["03_churn"] == {"horizon_days": 45, "basis": "orders"}


def test_an_override_keeps_its_type(write, study):
    p = read_study(write(study), ("03_churn.high_risk=0.1",)).parameters_of("03_churn", None)
    assert p.high_risk == 0.1
    assert p.horizon_days == 60


def test_the_last_of_two_overrides_holds(write, study):
    read = read_study(write(study), ("03_churn.cutoffs=5", "03_churn.cutoffs=6"))
    assert read.notebooks["03_churn"]["cutoffs"] == 6


FORM = "--set: an override must be notebook.parameter=value; got '{}'. As in 03_churn.horizon_days=60."
OVERRIDES = {
    "horizon_days=60": FORM,
    "03_churn.horizon_days": FORM,
    "03_churn.=60": FORM,
    "": FORM,
    "03_chrn.horizon_days=60": (
        "--set: the notebook must be one of 01_profiling, 03_churn; got '03_chrn'. Did you mean '03_churn'?"
    ),
    "02_segmentation.rfm_groups=4": (
        "--set: the notebook must be one of 01_profiling, 03_churn; got '02_segmentation'. "
        "Use one of these names."
    ),
    "03_churn.horizon_days=[": (
        "--set: the value of 03_churn.horizon_days must be written as in YAML; got '['. "
        "As in 03_churn.horizon_days=60."
    ),
    "03_churn.horizon_days=2011-02-30": (
        "--set: the value of 03_churn.horizon_days must be written as in YAML; got '2011-02-30'. "
        "As in 03_churn.horizon_days=60."
    ),
}


@pytest.mark.parametrize(("override", "message"), OVERRIDES.items())
def test_an_override_that_can_not_be_read_is_refused(write, study, refused, override, message):
    assert refused(read_study, write(study), (override,)) == message.format(override)


def test_an_override_obeys_the_rules_of_the_file(write, study, refused):
    path = write(study)
    assert refused(read_study, path, ("03_churn.horizon_days=3",)) == (
        f"{path}: notebooks.03_churn.horizon_days must be greater than or equal to 7; got 3. "
        "Correct the value."
    )
    assert "Did you mean 'horizon_days'?" in refused(read_study, path, ("03_churn.horizon=60",))


@pytest.mark.parametrize("body", ["03_churn: 60 days", "- 03_churn"])
def test_an_override_of_a_broken_file_leaves_the_message_to_the_file(write, refused, body):
    path = write(f"study: a\ntitle: b\nsource: c\nnotebooks:\n  {body}\n")
    message = refused(read_study, path, ("03_churn.horizon_days=60",))
    assert message.startswith(f"{path}: notebooks")


def test_a_secret_of_the_traceback_is_not_shown(write, study):
    """A refusal stands alone: whatever the libraries said of it is left out."""
    with pytest.raises(WorkbenchError) as error:
        read_study(write(study.replace("60", "3")))
    assert error.value.__suppress_context__
