"""Any chat log -> masked messages, what it says of conversations, and the rows that were not accepted."""

from qa.chatlog.archive import is_archive, unpack
from qa.chatlog.keys import text_hash
from qa.chatlog.mask import mask
from qa.chatlog.reading import READ, TOLD, Reading, read
from qa.chatlog.source import Column, SourceMap, load_source

__all__ = [
    "READ",
    "TOLD",
    "Column",
    "Reading",
    "SourceMap",
    "is_archive",
    "load_source",
    "mask",
    "read",
    "text_hash",
    "unpack",
]
