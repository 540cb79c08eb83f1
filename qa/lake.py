"""The lake: immutable Parquet files by kind and day. A file is named by what it holds and never edited.

Which files are live is written in the records; this module only writes files and reads the ones it is told.
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from qa.model import LAKE, N_, Frame, Part, Refusal


class Lake:
    """A folder of parts. Two processes may write at once: the same content has the same name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, kind: str, day: date, frame: Frame) -> Part:
        """Write one part whole and make it durable, or leave nothing. The order of rows is the caller's."""
        whole = frame.select(pl.col(name).cast(dtype) for name, dtype in LAKE[kind].items())
        buffer = io.BytesIO()
        whole.write_parquet(buffer, compression="zstd", compression_level=1, statistics=True)
        content = buffer.getvalue()
        digest = hashlib.sha256(content).hexdigest()
        name = f"{kind}/{day.isoformat()}/{digest[:20]}.parquet"
        self._put(self.folder / name, content)
        return Part(name, kind, day, whole.height, digest)

    def read(self, kind: str, parts: Iterable[Part]) -> Frame:
        """All rows of the given parts, in the order of the parts; the empty frame of the kind for none."""
        return self.scan(kind, parts).collect()

    def scan(self, kind: str, parts: Iterable[Part]) -> pl.LazyFrame:
        files = self.files(parts)
        return pl.scan_parquet(files) if files else LAKE[kind].to_frame().lazy()

    def files(self, parts: Iterable[Part]) -> list[str]:
        """Absolute paths of the parts. A part that the manifest names and the folder lacks is refused."""
        paths = [self.folder / part.name for part in parts]
        for path in paths:
            if not path.is_file():
                raise Refusal(
                    N_("A file of the lake is missing."),
                    N_("Restore the workspace from its last backup, or import the chat log again."),
                    place=str(path),
                )
        return [str(path) for path in paths]

    def faults(self, parts: Sequence[Part]) -> list[str]:
        """Parts that are missing or whose bytes are not what was written."""
        faults = []
        for part in parts:
            path = self.folder / part.name
            if not path.is_file():
                faults.append(f"lake/{part.name}: missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != part.sha256:
                faults.append(f"lake/{part.name}: changed since it was written")
        return faults

    def sweep(self, live: Iterable[Part]) -> int:
        """Delete parts that are not live and return how many. Only when nobody reads or imports."""
        keep = {part.name for part in live}
        dead = [p for p in self.folder.rglob("*.parquet") if str(p.relative_to(self.folder)) not in keep]
        for path in dead:
            path.unlink()
        return len(dead)

    def _put(self, path: Path, content: bytes) -> None:
        if path.is_file() and path.stat().st_size == len(content):
            return
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise Refusal(
                N_("The lake could not be written: {error}."),
                N_("Make room or give the right to write there, then do it again; nothing was stored."),
                place=str(path.parent),
                error=error.strerror or str(error),
            ) from error
