"""Pseudonyms: a keyed hash in place of each customer id. The key file stays with the analyst."""

import hashlib
import os
import secrets
from base64 import b32encode
from collections.abc import Collection
from pathlib import Path

import platformdirs
import pyarrow as pa

from workbench.errors import refusal
from workbench.parameters import Source
from workbench.sources.canonical import IDENTITIES
from workbench.sources.engines import Engine
from workbench.sources.staging import USED

KEY_VARIABLE = "WORKBENCH_KEY_FILE"
KEY_BYTES = 32
LEAST_KEY_BYTES = 16  # of a key that the user brings; BLAKE2b takes 64 at most, and an empty one as none
DIGEST_BYTES = 10  # 80 bits: among 100 million customers two share a pseudonym with probability 4e-9


def key_path() -> Path:
    """Where the key is kept: the file that WORKBENCH_KEY_FILE names, or the user's configuration folder."""
    given = os.environ.get(KEY_VARIABLE)
    return Path(given) if given else platformdirs.user_config_path("workbench") / "pseudonyms.key"


def read_key() -> bytes:
    """The user's key; made at the first call, readable by nobody else.

    Raises
    ------
    WorkbenchError
        If the file holds too little or too much to be a key.
    """
    path = key_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        part.touch(mode=0o600)
        part.write_bytes(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(part, path)  # of several first runs at once, one makes the key and all use it
        except FileExistsError:
            pass
        finally:
            part.unlink()
    key = path.read_bytes()
    if not LEAST_KEY_BYTES <= len(key) <= hashlib.blake2b.MAX_KEY_SIZE:
        rule = f"of {LEAST_KEY_BYTES} to {hashlib.blake2b.MAX_KEY_SIZE} bytes"
        hint = "Give the file of the first runs, or remove this one for a new key and new pseudonyms."
        raise refusal(str(path), "the key of the pseudonyms", rule, f"{len(key)} bytes", hint)
    return key


def key_fingerprint() -> str:
    """Tells one key from another, and nothing of it."""
    return hashlib.sha256(b"fingerprint" + read_key()).hexdigest()[:16]


def pseudonym(customer_id: str, key: bytes) -> str:
    """The pseudonym of one customer: ``c-`` and 16 letters or digits (BLAKE2b with a key, RFC 7693)."""
    digest = hashlib.blake2b(customer_id.encode(), key=key, digest_size=DIGEST_BYTES).digest()
    return f"c-{b32encode(digest).decode().lower()}"


def known_as(customer: str, known: Collection[str]) -> str | None:
    """The one of the `known` ids that stands for a customer: her id itself or its pseudonym; None if neither.

    Of a person with several ids only the canonical one is found.
    """
    names = [customer]
    if key_path().exists():  # a new key would give names that nobody knows
        names.append(pseudonym(customer, read_key()))
    return next((name for name in names if name in known), None)


def create_pseudonyms(engine: Engine, source: Source, staged: list[str], *, identify: bool) -> int:
    """Create the table ``pseudonyms`` (raw_id, customer_id, own) for all customers of the staged tables.

    Of a person with several ids all have the pseudonym of the canonical one, whose row says ``own``. With
    `identify` the pseudonym is the canonical id itself. Returned is how many ids are another's.
    """
    union = " UNION ".join(
        f"SELECT DISTINCT customer_id FROM {name} WHERE customer_id IS NOT NULL" for name in staged
    )
    ids = [str(row[0]) for row in engine.rows(union)] if union else []
    canonical = _canonical_ids(engine, source) if IDENTITIES in source.tables else {}
    key = b"" if identify else read_key()
    people = [canonical.get(raw, raw) for raw in ids]
    names = people if identify else [pseudonym(person, key) for person in people]
    own = ["yes" if raw == person else "no" for raw, person in zip(ids, people, strict=True)]
    columns = {"raw_id": ids, "customer_id": names, "own": own}
    engine.push(
        "pseudonyms", pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    )
    return own.count("no")


def _canonical_ids(engine: Engine, source: Source) -> dict[str, str]:
    """The person's id of each linked id, chains followed to their end.

    Raises
    ------
    WorkbenchError
        If ids lead back to themselves: then no one of them is the person's.
    """
    step = dict(
        engine.rows(
            f"SELECT id, canonical_id FROM staged_{IDENTITIES} "
            f"WHERE _status = '{USED}' AND id <> canonical_id"
        )
    )
    ends: dict[str, str] = {}
    circular = 0
    for start in step:
        seen, at = [start], step[start]
        while at in step and at not in ends and at not in seen:
            seen.append(at)
            at = step[at]
        circular += at in seen
        ends |= dict.fromkeys(seen, ends.get(at, at))
    if circular:
        where = f"{source.path}: tables.{IDENTITIES}"
        rule = "links that end at one id"
        hint = "Take out one link of each circle."
        raise refusal(where, "the links", rule, f"circles: {circular:,}", hint)
    return ends
