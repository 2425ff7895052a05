"""What must not be wrong with a page, whatever a notebook has put into it: read before it is published."""

import re
from html.parser import HTMLParser

VOID = frozenset(("base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
LOADING = ("src", "srcset", "poster", "data", "background", "action", "formaction", "ping")
SCRIPTS = frozenset(("script", "iframe", "object", "embed", "base", "form"))
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\\\)", re.I)
_CSS_REQUEST = re.compile(r"url\(\s*['\"]?(?!data:)|@import", re.I)
MOST_NAMED = 10  # of one kind: the first ones say where to look


class _Reader(HTMLParser):
    """Notes what `faults` judges by."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.headings: list[int] = []
        self.outputs = 0
        self.promised: int | None = None
        self.policy = self.language = False
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._open = "" if tag in VOID else tag
        if "id" in given:
            self.ids.append(given["id"])
        if "output" in given.get("class", "").split():
            self.outputs += 1
        if "data-outputs" in given:
            self.promised = int(given["data-outputs"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.policy |= given.get("http-equiv", "").casefold() == "content-security-policy"
        self.language |= tag == "html" and bool(given.get("lang"))
        self._judge(tag, given)

    def _judge(self, tag: str, given: dict[str, str]) -> None:
        if tag in SCRIPTS:
            self.found.append(f"an element <{tag}>")
        self.found += [f"an attribute {name}" for name in given if name.startswith("on")]
        if tag == "img" and not given.get("alt", "").strip():
            self.found.append("a picture without alt text")
        if given.get("http-equiv", "").casefold() == "refresh":
            self.found.append("a page that sends its reader elsewhere")
        if tag == "a" and given.get("href", "").startswith("#"):
            self.targets.append(given["href"][1:])
        for name in ("href", "xlink:href", *LOADING):
            if _OUTSIDE.match(given.get(name, "")) and not given[name].startswith("data:image/"):
                self.found.append(f"an address outside of the archive in <{tag} {name}>")
        if _CSS_REQUEST.search(given.get("style", "")):
            self.found.append("a style that loads something")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "style" and _CSS_REQUEST.search(data):
            self.found.append("a style that loads something")


def faults(html: str) -> list[str]:
    """What is wrong with a page of a run; an empty list if it may be published.

    Checked: every output of the notebook is on the page; no script, nothing that is loaded or leads outside
    of the archive; every picture has an alt text; ids are unique and links within the page lead to one; one
    h1, no level of headings skipped; the page names its language and its policy.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = list(dict.fromkeys(reader.found))[:MOST_NAMED]
    if reader.promised is not None and reader.promised != reader.outputs:
        found.append(f"{reader.outputs} outputs of {reader.promised}")
    twice = sorted({name for name in reader.ids if reader.ids.count(name) > 1})
    found += [f"the id {name} more than once" for name in twice[:MOST_NAMED]]
    nowhere = sorted(set(reader.targets) - set(reader.ids))
    found += [f"a link to #{name}, which is not there" for name in nowhere[:MOST_NAMED]]
    if reader.headings.count(1) != 1:
        found.append(f"{reader.headings.count(1)} headings h1 instead of one")
    if any(low > high + 1 for high, low in zip(reader.headings, reader.headings[1:], strict=False)):
        found.append("a level of headings that is skipped")
    found += ["no policy"] * (not reader.policy) + ["no language"] * (not reader.language)
    return found
