"""The records store: what people did, append-only, with an audit chain. SQLite, or PostgreSQL by its address."""

from qa.records.faults import Duplicate
from qa.records.store import Act, Records

__all__ = ["Act", "Duplicate", "Records"]
