"""Does the last reading before publishing find what must not be on a page?"""

import pytest

from workbench import report

SOUND = (
    '<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="x">'
    "<style>p { color: red }</style></head><body><h1>T</h1>"
    '<div class="body" data-outputs="1"><h2 id="a">A</h2><div class="output"></div>'
    '<a href="#a">a</a><a href="../x.html#b">b</a><img src="data:image/png;base64,AA" alt="x"></div>'
    "</body></html>"
)


def test_a_sound_page_has_no_faults(page, build, october):
    assert report.faults(SOUND) == []
    shown = [
        build["shown"]({"text/plain": "1"}),
        build["stream"]("stderr", "x"),
        build["stream"]("stdout", "y"),
    ]
    cells = [build["markdown"]("# T\n\n## Q"), build["code"]("x", *shown)]
    assert report.faults(page(*cells, results=october)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('<div class="output"></div>', "", "0 outputs of 1"),
        ('alt="x"', 'alt=" "', "a picture without alt text"),
        (
            "data:image/png;base64,AA",
            "https://x.example/a.png",
            "an address outside of the archive in <img src>",
        ),
        ("../x.html#b", "//x.example", "an address outside of the archive in <a href>"),
        ("../x.html#b", "javascript:alert(1)", "an address outside of the archive in <a href>"),
        ('href="#a"', 'href="#b"', "a link to #b, which is not there"),
        ("<h1>T</h1>", '<h1 id="a">T</h1>', "the id a more than once"),
        ("<h1>T</h1>", "", "0 headings h1 instead of one"),
        ('h2 id="a"', 'h3 id="a"', "a level of headings that is skipped"),
        ("<h1>", "<script>1</script><h1>", "an element <script>"),
        ("<h1>", "<h1 onclick=x>", "an attribute onclick"),
        ("color: red", "background: url(https://x)", "a style that loads something"),
        ("Content-Security-Policy", "x", "no policy"),
        (' lang="en"', "", "no language"),
        ("<h1>", '<meta http-equiv="refresh" content="0"><h1>', "a page that sends its reader elsewhere"),
    ],
)
def test_every_fault_is_named(old, new, fault):
    assert old in SOUND
    assert report.faults(SOUND.replace(old, new, 1)) == [fault]
