"""Language, currency and time zone of the study, read off the files."""

from dataclasses import dataclass
from typing import Any

from workbench.discovery.headers import CHINESE, folded
from workbench.discovery.lexicon import lexicon
from workbench.discovery.looking import text_of
from workbench.discovery.recognising import Draft

MOSTLY = 0.5
MAIN_COUNTRY = 0.8


@dataclass(frozen=True)
class Setting:
    """What a study file says of the company."""

    language: str
    currency: str
    currency_why: str
    timezone: str
    timezone_why: str


def setting_of(con: Any, drafts: list[Draft]) -> Setting:
    """The setting that headers, signs and countries speak for; UTC and EUR where nothing does."""
    headers = [c.name for d in drafts if d.looked.peek.has_header for c in d.looked.candidates]
    chinese = sum(1 for name in headers if CHINESE.search(name))
    language = "zh" if headers and chinese > MOSTLY * len(headers) else "en"
    country, name = _country(con, drafts)
    currency, why = _currency(con, drafts, country, name, language)
    if country.get("timezone"):
        return Setting(language, currency, why, country["timezone"], f"most rows name {name}")
    if language == "zh":
        return Setting(language, currency, why, "Asia/Shanghai", "the headers are Chinese")
    return Setting(language, currency, why, "UTC", "nothing in the files says another")


def _currency(
    con: Any, drafts: list[Draft], country: dict[str, Any], name: str, language: str
) -> tuple[str, str]:
    for draft in drafts:
        if "currency" in draft.assigned:
            (value, _), *_ = _commonest(con, draft, "currency") or [("", 0.0)]
            if code := _code_of(folded(value)):
                return code, f"the column {draft.assigned['currency'].candidate.name} says so"
    for draft in drafts:
        for canonical in ("amount", "unit_price", "monthly_fee"):
            if canonical in draft.assigned:
                column = draft.assigned[canonical].candidate
                for where, text in (("header", column.name), ("values", column.facts.sign)):
                    if code := _sign_in(text):
                        return (
                            code,
                            f"the {where} of {column.name} say so"
                            if where == "values"
                            else f"the header {column.name} says so",
                        )
    if country:
        return country["currency"], f"most rows name {name}"
    if language == "zh":
        return "CNY", "the headers are Chinese"
    return "EUR", "nothing in the files says another"


def _country(con: Any, drafts: list[Draft]) -> tuple[dict[str, Any], str]:
    """The lexicon's entry of the country that most rows of an order file name, and its name there."""
    for draft in drafts:
        for canonical in ("country", "region"):
            if canonical not in draft.assigned or not draft.assigned[canonical].candidate.facts.filled:
                continue
            for value, share in _commonest(con, draft, canonical)[:1]:
                entry = next((c for c in lexicon().countries if folded(value) in c["words"]), None)
                if entry and share >= MAIN_COUNTRY:
                    return entry, value
    return {}, ""


def _commonest(con: Any, draft: Draft, canonical: str) -> list[tuple[str, float]]:
    text = text_of(draft.assigned[canonical].candidate.name)
    table = draft.looked.table
    query = (
        f"SELECT {text} AS value, count(*) AS n FROM {table} WHERE {text} IS NOT NULL "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    rows = con.sql(query).to_pyarrow().to_pylist()
    total = sum(row["n"] for row in rows)
    return [(row["value"], row["n"] / total) for row in rows]


def _code_of(text: str) -> str:
    return next((code for code, signs in lexicon().currencies.items() if text in signs), "")


def _sign_in(text: str) -> str:
    """The currency whose sign or word stands in `text` by itself (元 may stand in any place of a header)."""
    plain = folded(text)
    parts = set(
        lexicon().form(plain.replace("(", " ").replace(")", " ").replace("[", " ").replace("]", " ")).parts
    )
    for code, signs in lexicon().currencies.items():
        if any(
            sign in parts or (not sign.isascii() and sign in plain) or (sign in "$" and sign in plain)
            for sign in signs
        ):
            return code
    return ""
