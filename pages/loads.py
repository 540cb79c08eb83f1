"""Import: which chat logs are in, what was not accepted, and which day of which shop is missing."""

import tempfile
from pathlib import Path

import streamlit as st

from pages import _draw as draw
from pages import _talk
from pages._desk import choose_period, require_role, speech, workspace
from qa import pipeline, reads
from qa.model import Refusal, Role
from qa.pipeline import FileResult
from qa.workspace import OWNER

KINDS = ("csv", "tsv", "txt", "xlsx", "xls", "html", "htm", "json", "jsonl", "zip")

actor = require_role(Role.ADMIN)
ws, tr = workspace(), speech(actor)
_ = tr.gettext

draw.heading(_("Import"), _("Exports of chat logs; personal data is masked before anything is stored"))


def read_files() -> tuple[FileResult, ...]:
    """Hand the uploaded files to the import and run the check over what is new."""
    importing = require_role(Role.ADMIN)
    bar = st.progress(0.0, _("Reading"))
    with tempfile.TemporaryDirectory(prefix="qa-import-") as folder:
        paths = []
        for number, upload in enumerate(uploads):
            path = Path(folder) / str(number) / Path(upload.name).name
            path.parent.mkdir()
            path.write_bytes(upload.getbuffer())
            paths.append(path)
        done = pipeline.import_logs(
            ws, importing, paths, progress=lambda part, _what: bar.progress(min(1.0, part), _("Reading"))
        )
    pipeline.check(ws, importing, progress=lambda part, _what: bar.progress(min(1.0, part), _("Checking")))
    bar.empty()
    return done.files


def outcome(result: FileResult) -> str:
    name = draw.esc(result.file)
    refused, known, read = _("refused"), _("known already"), _("read")
    if result.refused is not None:
        return f"<p>{draw.chip(refused, 'bad')} <b>{name}</b> {draw.esc(result.refused.sentence(_))}</p>"
    if result.already_loaded:
        nothing = _("This file is in already; nothing was added.")
        return f"<p>{draw.chip(known)} <b>{name}</b> {draw.esc(nothing)}</p>"
    said = _(
        "{rows} rows: {accepted} new, {duplicate} there before, {rejected} not accepted; {masked} personal details masked"
    ).format(
        rows=tr.number(result.rows_in),
        accepted=tr.number(result.accepted),
        duplicate=tr.number(result.duplicate),
        rejected=tr.number(result.rejected),
        masked=tr.number(result.masked),
    )
    return f"<p>{draw.chip(read, 'warn' if result.rejected else 'good')} <b>{name}</b> {draw.esc(said)}</p>"


st.html(draw.renamed('[data-testid="stFileUploader"] section button', _("Choose files")))
uploads = st.file_uploader(
    _("Drop files here: CSV, Excel or JSON lines"),
    type=KINDS,
    accept_multiple_files=True,
    key=f"up/{st.session_state.get('round', 0)}",
)
if st.button(_("Import"), type="primary", disabled=not uploads, icon=":material/upload:"):
    try:
        st.session_state["outcome"] = read_files()
    except Refusal as refusal:
        st.error(refusal.sentence(_))
    else:
        st.session_state["round"] = st.session_state.get("round", 0) + 1
        st.rerun()
if "outcome" in st.session_state:
    with st.container(border=True):
        draw.put("".join(outcome(result) for result in st.session_state["outcome"]))

loads = reads.loads(ws, actor)
if not loads:
    draw.empty(_("No chat logs yet"), _("Drop the exports of your shops above. CSV, Excel and JSON lines are read."))
    st.stop()

period = choose_period(ws, actor, _("Days with chats"), small=True)
covered = reads.coverage(ws, actor, period)
draw.put(draw.days_table([(f"{c.shop} · {_talk.platform(c.platform, tr)}", c.days) for c in covered], ws.today()))

draw.section(_("Past imports"))
rows = [
    [
        draw.esc(v.load.file),
        draw.esc(tr.instant(v.at, ws.zone, ws.today())),
        draw.esc(_("owner of this machine") if v.by == OWNER.user_id else v.by),
        draw.esc(tr.number(v.load.rows_in)),
        draw.esc(tr.number(v.load.accepted)),
        draw.esc(tr.number(v.load.duplicate)),
        f'<a href="/download/rejects/{draw.esc(v.load.load_id, quote=True)}" target="_blank">{draw.esc(tr.number(v.load.rejected))}</a>'
        if v.rejects_file
        else draw.esc(tr.number(v.load.rejected)),
        draw.esc(tr.number(v.load.masked)),
    ]
    for v in loads
]
head = [_("File"), _("When"), _("By"), _("Rows"), _("New"), _("There before"), _("Not accepted"), _("Masked")]
draw.put(draw.table(head, rows, right=frozenset({3, 4, 5, 6, 7})))
