"""Files in any form an analyst has: found, read as text, typed by what their own cells say."""

from workbench.sources.files.door import (
    Format,
    Input,
    Peek,
    Raw,
    bytes_of,
    columns_of,
    forget,
    paths_of,
    peek,
    read_raw,
)

__all__ = [
    "Format",
    "Input",
    "Peek",
    "Raw",
    "bytes_of",
    "columns_of",
    "forget",
    "paths_of",
    "peek",
    "read_raw",
]
