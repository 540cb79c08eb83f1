"""Keeping a workspace: backup and restore as one file, and a folder that is watched for new exports."""

import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from qa.access import Action, require
from qa.model import LAKE, N_, Actor, Refusal
from qa.pipeline.checking import check
from qa.pipeline.closing import verify
from qa.pipeline.importing import FileResult, import_logs
from qa.workspace import Workspace

SETTLED = 2.0
"""Seconds for which a file must not change before it is read: a half-copied export is left alone."""


def backup(ws: Workspace, actor: Actor, file: Path) -> Path:
    """Write the whole workspace into one ZIP file that only its owner may read. An existing file is refused.

    It holds records, live lake files, policy, rejects and the key: keep it as safe as the workspace.
    """
    require(actor, Action.AUDIT_READ)
    if file.exists():
        raise Refusal(N_("The file is there already."), N_("Name another one, or move it away."), place=str(file))
    part = file.with_name(f".{file.name}.part")
    try:
        part.touch(mode=0o600)
        with tempfile.TemporaryDirectory(dir=ws.home) as folder, zipfile.ZipFile(part, "w") as archive:
            copy = Path(folder) / "records.db"
            ws.records.backup(copy)
            archive.write(copy, "records.db", zipfile.ZIP_DEFLATED)
            archive.write(ws.home / "key", "key")
            for kind in LAKE:
                for live in ws.parts(kind):
                    archive.write(ws.lake.folder / live.name, f"lake/{live.name}")
            for path in sorted(p for name in ("policy", "rejects") for p in (ws.home / name).rglob("*") if p.is_file()):
                archive.write(path, path.relative_to(ws.home).as_posix(), zipfile.ZIP_DEFLATED)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Refusal(
            N_("The backup could not be written: {error}."),
            N_("Make room or choose another folder; nothing was changed."),
            place=str(file),
            error=error.strerror or str(error),
        ) from error
    ws.records.see(actor.user_id, "backup", file.name, {"bytes": file.stat().st_size})
    return file


def restore(file: Path, home: Path, actor: Actor) -> Workspace:
    """Make a workspace of a backup in an empty folder, and prove that it is whole."""
    if home.exists() and any(home.iterdir()):
        raise Refusal(N_("The folder is not empty."), N_("Restore into a new folder with --home."), place=str(home))
    try:
        with zipfile.ZipFile(file) as archive:
            names = [PurePosixPath(i.filename) for i in archive.infolist()]
            if any(n.is_absolute() or ".." in n.parts for n in names) or PurePosixPath("records.db") not in names:
                raise zipfile.BadZipFile
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            archive.extractall(home)
    except (zipfile.BadZipFile, FileNotFoundError):
        raise Refusal(
            N_("The file is not a backup of a workspace."), N_("Name a file that “qa backup” wrote."), place=str(file)
        ) from None
    for name in ("lake", "rejects", "reports"):
        (home / name).mkdir(exist_ok=True, mode=0o700)
    for private in ("key", "records.db"):
        (home / private).chmod(0o600)
    ws = Workspace.open(home)
    faults = verify(ws, actor)
    if faults:
        raise Refusal(
            N_("The restored workspace is not whole: {fault}."),
            N_("Use another backup; this one was damaged."),
            place=str(file),
            fault=f"{faults[0].audit} {faults[0].subject}",
        )
    return ws


def watch(
    ws: Workspace,
    actor: Actor,
    folder: Path,
    *,
    every: float = 10.0,
    rounds: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[FileResult]:
    """Import exports as they arrive in a folder and check them; yields what became of each file.

    A file is read once it has not changed for SETTLED seconds. Links, hidden and special files are left alone.
    `rounds` bounds how often the folder is looked at; without it this goes on until it is stopped.
    """
    if not folder.is_dir():
        raise Refusal(N_("There is no such folder."), N_("Make it, or name another."), place=str(folder))
    done: set[tuple[str, int, int]] = set()
    before: dict[Path, tuple[str, int, int]] = {}
    turn = 0
    while rounds is None or turn < rounds:
        if turn:
            sleep(every if not before else min(every, SETTLED))
        turn += 1
        now = {p: _stamp(p) for p in _arrived(folder)}
        ready = [p for p, stamp in now.items() if before.get(p) == stamp and stamp not in done]
        before = {p: stamp for p, stamp in now.items() if stamp not in done and p not in ready}
        for path in ready:
            done.add(now[path])
            yield from import_logs(ws, actor, [path]).files
        if ready:
            check(ws, actor)


def _arrived(folder: Path) -> list[Path]:
    return sorted(
        p for p in folder.iterdir() if p.is_file() and not p.is_symlink() and not p.name.startswith((".", "~"))
    )


def _stamp(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return path.name, stat.st_size, stat.st_mtime_ns
