"""Pseudonyms: a keyed hash in place of each customer id. The key file stays with the analyst."""

import hashlib
import os
import secrets
from base64 import b32encode
from pathlib import Path

import ibis
import platformdirs
import pyarrow as pa
from ibis.backends.duckdb import Backend

from workbench.errors import refusal

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


def pseudonym(customer_id: str, key: bytes) -> str:
    """The pseudonym of one customer: ``c-`` and 16 letters or digits (BLAKE2b with a key, RFC 7693)."""
    digest = hashlib.blake2b(customer_id.encode(), key=key, digest_size=DIGEST_BYTES).digest()
    return f"c-{b32encode(digest).decode().lower()}"


def create_pseudonyms(con: Backend, staged: list[str], *, identify: bool) -> None:
    """Create the table ``pseudonyms`` (raw_id, customer_id) for all customers of the staged tables.

    With `identify` the pseudonym is the id itself.
    """
    union = " UNION ".join(
        f"SELECT DISTINCT customer_id FROM {name} WHERE customer_id IS NOT NULL" for name in staged
    )
    query = union or "SELECT CAST(NULL AS VARCHAR) AS customer_id WHERE FALSE"
    ids = con.sql(query).to_pyarrow().column(0).to_pylist()
    key = b"" if identify else read_key()
    names = ids if identify else [pseudonym(customer_id, key) for customer_id in ids]
    mapping = pa.table({"raw_id": pa.array(ids, pa.string()), "customer_id": pa.array(names, pa.string())})
    con.create_table("pseudonyms", ibis.memtable(mapping), temp=True, overwrite=True)
