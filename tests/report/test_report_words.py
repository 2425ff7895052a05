"""Is every word of the report there in both languages, and every colour readable?"""

import re
import string
from pathlib import Path

import pytest

from workbench import language
from workbench.language import catalogue
from workbench.parameters import MODELS
from workbench.report import page
from workbench.report.shell import TEMPLATES

SOURCES = [*TEMPLATES.rglob("*.j2"), *TEMPLATES.parent.glob("*.py")]


def fields(message: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def test_both_languages_have_the_same_messages_with_the_same_places():
    english, chinese = (
        {c: m for c, m in catalogue.messages(x).items() if c.startswith("report.")} for x in ("en", "zh")
    )
    assert english.keys() == chinese.keys()
    assert {c for c in english if fields(english[c]) != fields(chinese[c])} == set()


def test_every_message_that_is_said_exists():
    said = {
        code
        for path in SOURCES
        for code in re.findall(r'"(report\.[a-z_]+[a-z])"', Path(path).read_text("utf-8"))
    }
    assert said - catalogue.messages("en").keys() == set()


@pytest.mark.parametrize("spoken", ["en", "zh"])
@pytest.mark.parametrize("notebook", MODELS)
def test_every_parameter_has_its_meaning(notebook, spoken):
    with language.speaking(spoken):
        meanings = {name: page.meaning(notebook, name) for name in MODELS[notebook].model_fields}
    assert all(meanings.values()), meanings
    if spoken == "en":
        assert meanings == {name: field.description for name, field in MODELS[notebook].model_fields.items()}


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    digits = colour.lstrip("#") if len(colour) == 7 else "".join(2 * c for c in colour.lstrip("#"))
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_contrasts_with_its_ground_in_light_and_dark():
    css = (TEMPLATES / "style.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w+);", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    )
    for theme in (light, dark):
        for ground in ("ground", "shade"):
            for ink in ("ink", "quiet", "accent", "warn"):
                low, high = sorted((luminance(theme[ground]), luminance(theme[ink])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (ground, ink)  # WCAG 2.2, 1.4.3, level AA
