"""One form for each field: what is written in different ways becomes equal, what says nothing becomes NULL.

Everything is SQL inside the engine; no value of a person is fetched into Python.
"""

from dataclasses import dataclass
from typing import Any

from workbench.linkage.words import fillers, words

FIELDS = ("name", "phone", "email", "address")

# Unicode's full-width block and the ideographic space: the part of NFKC that Chinese keyboards write.
FULL_WIDTH = "".join(chr(code) for code in (0x3000, *range(0xFF01, 0xFF5F)))
PLAIN = " " + "".join(chr(code) for code in range(0x21, 0x7F))
# E.164 country codes (ITU-T Operational Bulletin, list of 2016): one or two digits as listed, else three.
COUNTRY_CODE = r"^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})"
PHONE_DIGITS = (7, 15)  # E.164 allows 15; with fewer than 7 a number says little
RUN_OF_ONE_DIGIT = "(" + "|".join(f"{digit}{{7,}}" for digit in range(10)) + ")"
# A value that more records share belongs to an office, a shop or a form, not to one person or family.
MOST_SHARING = {"phone": 10, "email": 10, "address": 50}
ENGLISH_TITLES = r"\b(mr|mrs|ms|miss|mx|dr|prof|sir|madam)\b"
CHINESE_TITLES = "(先生|女士|小姐|太太|老师|经理)$"
# Beyond these counts an equal key no longer makes two records worth a comparison.
MOST_IN_BLOCK = {"name": 200, "address": 50, "local": 20}
LEAST_LOCAL = 6  # letters before the @ that are someone's own, unlike info@ or anna@


@dataclass(frozen=True)
class Blanked:
    """Values that were taken as none.

    Attributes
    ----------
    reason : str
        ``filler`` (a form's stopgap such as 13800000000 or N/A), ``unusable`` (no phone number or e-mail
        address can be read) or ``shared`` (more records share the value than MOST_SHARING allows).
    """

    field: str
    reason: str
    records: int
    values: int


def normalise(con: Any, fields: tuple[str, ...]) -> tuple[Blanked, ...]:
    """Make the table ``link_records`` out of ``link_input`` (id and the four fields as text).

    Records are numbered by their content, so that no result depends on how ids were given.

    Returns
    -------
    tuple of Blanked
        What was taken as not given, and why; sorted by field and reason.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE link_folded AS {_folded_sql()}")
    con.execute("CREATE OR REPLACE TEMP TABLE link_read AS " + _read_sql())
    con.execute("CREATE OR REPLACE TEMP TABLE link_judged AS " + _judged_sql())
    kept = ", ".join(f"CASE WHEN {f}_reason IS NULL THEN {f} END AS {f}" for f in FIELDS)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE link_records AS "
        + _derived_sql(f"SELECT record, id, source, name_plain, {kept} FROM link_judged")
    )
    blanked = []
    for field in fields:
        found = con.execute(
            f"SELECT {field}_reason, count(*), count(DISTINCT coalesce({field}, raw_{field})) "
            f"FROM link_judged WHERE {field}_reason IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
        blanked += [Blanked(field, reason, records, values) for reason, records, values in found]
    for name in ("link_folded", "link_read", "link_judged"):
        con.execute(f"DROP TABLE {name}")
    return tuple(blanked)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _among(expression: str, values: list[str]) -> str:
    return f"{expression} IN ({', '.join(_text(v) for v in values)})"


def _folded_sql() -> str:
    order = ", ".join(f"{field} NULLS LAST" for field in FIELDS)
    wide = f"[{FULL_WIDTH[1]}-{FULL_WIDTH[-1]}{FULL_WIDTH[0]}]"
    columns = ", ".join(
        f"nullif(trim(lower(strip_accents(CASE WHEN regexp_matches({f}, '{wide}') "
        f"THEN translate({f}, {_text(FULL_WIDTH)}, {_text(PLAIN)}) ELSE {f} END))), '') AS {f}"
        for f in FIELDS
    )
    number = f"row_number() OVER (ORDER BY {order}, source, id) - 1 AS record"
    return f"SELECT {number}, source, id, {columns} FROM link_input"


def _read_sql() -> str:
    """Each field as it can be compared; what can not be read is NULL beside its raw form."""
    letters = r"trim(regexp_replace(regexp_replace(name, '[''’`]', '', 'g'), '[^\p{L}\p{N}]+', ' ', 'g'))"
    untitled = f"regexp_replace({letters}, '{ENGLISH_TITLES}', '', 'g')"
    untitled = f"trim(regexp_replace({untitled}, '{CHINESE_TITLES}', ''))"
    han = r"regexp_matches(plain, '\p{Han}')"
    name = (
        f"CASE WHEN {han} THEN replace(plain, ' ', '') "
        "ELSE array_to_string(list_sort(string_split_regex(plain, ' +')), ' ') END"
    )
    digits = r"regexp_replace(regexp_replace(phone, '\.0+$', ''), '\D', '', 'g')"  # 138….0 is a spreadsheet's
    abroad = r"regexp_matches(phone, '^\(?(\+|00)')"
    return f"""
    WITH plain AS (SELECT *, nullif({untitled}, '') AS plain, {digits} AS digits,
                          {abroad} AS abroad FROM link_folded),
    national AS (SELECT *, CASE
        WHEN abroad THEN regexp_replace(ltrim(digits, '0'), '{COUNTRY_CODE}', '')
        WHEN regexp_matches(digits, '^861\\d{{10}}$') THEN substr(digits, 3)
        ELSE digits END AS national FROM plain)
    SELECT record, source, id,
        name AS raw_name, phone AS raw_phone, email AS raw_email, address AS raw_address,
        plain AS name_plain, {name} AS name,
        CASE WHEN length(ltrim(national, '0')) BETWEEN {PHONE_DIGITS[0]} AND {PHONE_DIGITS[1]}
             AND NOT regexp_matches(phone, '\\de[+-]?\\d') THEN ltrim(national, '0') END AS phone,
        CASE WHEN regexp_matches(email, '^[^@\\s]+@[^@\\s]+\\.[^@\\s.]+$') THEN email END AS email,
        nullif(trim(regexp_replace(address, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '') AS address
    FROM national"""


def _judged_sql() -> str:
    """The reason for which a value is taken as none, or NULL."""
    stops, local, domain = fillers("words"), "split_part(email, '@', 1)", "split_part(email, '@', 2)"
    stopgaps = {
        "name": f"name IS NULL OR {_among('name_plain', stops)} OR {_among('raw_name', stops)}",
        "address": f"address IS NULL OR {_among('address', stops)}",
        "phone": f"{_among('phone', fillers('phones'))} OR regexp_matches(phone, '{RUN_OF_ONE_DIGIT}')"
        f" OR {_among('raw_phone', stops)}",
        "email": f"{_among(local, fillers('boxes'))} OR {_among(domain, fillers('domains'))}"
        f" OR {_among('raw_email', stops)}",
    }
    cases = []
    for field in FIELDS:
        shared = (
            f"WHEN count({field}) OVER (PARTITION BY {field}) > {MOST_SHARING[field]} THEN 'shared'"
            if field in MOST_SHARING
            else ""
        )
        cases.append(
            f"CASE WHEN raw_{field} IS NULL THEN NULL WHEN {stopgaps[field]} THEN 'filler' "
            f"WHEN {field} IS NULL THEN 'unusable' {shared} END AS {field}_reason"
        )
    return f"SELECT *, {', '.join(cases)} FROM link_read"


def _derived_sql(kept: str) -> str:
    """The columns that comparisons and blocking rules look at."""
    short = "CASE w " + " ".join(f"WHEN {_text(k)} THEN {_text(v)}" for k, v in words()["short"].items())
    local = "regexp_replace(split_part(email, '@', 1), '\\+.*$', '')"
    domain = "replace(split_part(email, '@', 2), 'googlemail.com', 'gmail.com')"
    return f"""
    WITH kept AS ({kept}),
    parts AS (SELECT *,
        regexp_matches(name, '\\p{{Han}}') AS name_han,
        list_filter(string_split(name, ' '), w -> length(w) > 1) AS name_words,
        CASE WHEN {domain} = 'gmail.com' THEN replace({local}, '.', '') ELSE {local} END AS local,
        array_to_string(regexp_extract_all(address, '\\p{{Han}}'), '') AS address_han,
        list_distinct(regexp_extract_all(address, '\\d+')) AS address_numbers,
        list_distinct(list_transform(regexp_extract_all(address, '[^\\p{{Han}}\\d\\s]+'),
            w -> {short} ELSE w END)) AS address_latin
    FROM kept),
    wide AS (SELECT *,
        CASE WHEN name_han THEN [substr(name, 1, 1)] ELSE name_words END AS name_parts,
        CASE WHEN name_han THEN [] ELSE list_transform(name_words, w -> w || ' ' || array_to_string(
            list_transform(list_filter(string_split(name, ' '), o -> o <> w), o -> substr(o, 1, 1)), ''))
            END AS name_initials,
        NOT name_han AND len(name_words) < len(string_split(name, ' ')) AS name_short,
        local || '@' || {domain} AS mailbox,
        regexp_replace(local, '\\D', '', 'g') AS local_digits,
        list_concat(address_latin, list_distinct(list_transform(range(1, length(address_han)),
            i -> substr(address_han, i::INT, 2)))) AS address_words
    FROM parts)
    SELECT record, source, id, name, name_plain, name_han, name_parts, name_initials, name_short,
        phone, email, mailbox, local, local_digits, address_words, address_numbers,
        nullif(array_to_string(list_sort(list_concat(address_words, address_numbers)), ' '), '') AS address,
        CASE WHEN count(name) OVER (PARTITION BY name) <= {MOST_IN_BLOCK["name"]} THEN name END AS key_name,
        CASE WHEN length(local) >= {LEAST_LOCAL} AND count(local) OVER (PARTITION BY local)
            <= {MOST_IN_BLOCK["local"]} THEN local END AS key_local,
        right(phone, 4) || substr(name, 1, 1) AS key_ending
    FROM wide ORDER BY record"""
