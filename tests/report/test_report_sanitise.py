"""Can any text that reaches an output become a script, a link or a request?"""

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from workbench.report.sanitise import clean_output, clean_prose

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="//evil.example/x">x</a>',
    '<a href="https://evil.example">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<iframe src='https://evil.example'></iframe>",
    '<div style="background:url(https://evil.example)">x</div>',
    "<style>@import 'https://evil.example';</style>",
    '<form action="https://evil.example"><input name=q></form>',
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<object data="x"></object><embed src="x">',
    '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    '<details open ontoggle="alert(1)">x</details>',
    '<p class="finding" onclick="alert(1)">x</p>',
    '<div role="region" tabindex="0" aria-label="&quot; onfocus=alert(1)">x</div>',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    '<table background="https://evil.example"><tr><td>1',
    "<!--<img src=x onerror=alert(1)>-->",
    "<h2 id=main>fake</h2>",
]
ACTIVE = ["script", "svg", "iframe", "object", "embed", "form", "input", "base", "math", "link", "template"]


def assert_harmless(html: str) -> None:
    soup = BeautifulSoup(html, "html.parser")
    assert not soup.find_all([*ACTIVE, "style", "img", "meta"])
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            assert not name.startswith("on")
            assert name not in ("style", "id", "background", "action")
            if name in ("href", "src"):
                assert ":" not in value
                assert not value.startswith(("/", "\\"))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("clean", [clean_output, clean_prose])
def test_no_attack_gets_through(clean, attack):
    assert_harmless(clean(attack))


@given(st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), max_size=4).map("".join))
def test_no_mixture_of_attacks_gets_through(text):
    assert_harmless(clean_output(text))
    assert_harmless(clean_prose(text))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gets_through_a_whole_page(page, build, attack):
    html = page(
        build["markdown"](f"# Title {attack}\n\n{attack}\n\n## Q {attack}"),
        build["code"](
            f"x = '''{attack}'''",
            build["shown"]({"text/html": attack, "text/plain": attack}),
            build["shown"]({"text/markdown": attack}),
            build["shown"]({"text/plain": attack}, **{"text/plain": {"alt": attack}}),
            build["shown"]({"image/png": f'"{attack}'}, **{"image/png": {"alt": f'"{attack}'}}),
            build["stream"]("stdout", attack),
            build["error"](attack),
        ),
        parameters={"source": attack},
        error=attack,
    )
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.find_all("style")) == 1
    assert len(soup.find_all("meta")) == 4
    assert not soup.find_all(ACTIVE)
    assert all(image["src"].startswith("data:image/") for image in soup.find_all("img"))
    attributes = {name for tag in soup.find_all(True) for name in tag.attrs}
    assert not {name for name in attributes if name.startswith("on") or name == "style"}
    assert all(re.match(r"[#\w.]", a["href"]) and ":" not in a["href"] for a in soup.select("a[href]"))
    assert [tag["id"] for tag in soup.find_all(id="main")] == ["main"]


def test_what_the_notebooks_show_stays_as_it_is():
    shown = (
        '<p class="finding">Rises</p><p class="sentence">By 3 %.</p><p class="missing">none</p>'
        '<details class="data"><summary>Data</summary>'
        '<div class="scroll" role="region" tabindex="0" aria-label="Rises &amp; falls"><table>'
        '<caption>Rises</caption><thead><tr><th scope="col">tier</th><th scope="col" class="number">n</th>'
        '</tr></thead><tbody><tr><th scope="row">A</th><td class="number">1</td></tr></tbody></table></div>'
        '<p class="cut">cut</p></details>'
    )
    assert BeautifulSoup(clean_output(shown), "html.parser") == BeautifulSoup(shown, "html.parser")


def test_links_inside_the_archive_stay_in_prose_and_go_from_outputs():
    link = '<a href="index.html#checks">checks</a>'
    assert clean_prose(link) == link
    assert clean_output(link) == "checks"
