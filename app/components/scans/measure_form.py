"""The form that starts a measurement: uploaded scans with a code each, or a folder on this machine."""

import time
from pathlib import Path

import streamlit as st

from app import state
from app.access.current import or_say_why_not, visitor
from app.access.roles import NotAllowed
from app.components import choosing
from app.components.scans.preview import Naming, in_page_words, naming, preview
from app.components.scans.upload_preview import upload_preview
from app.jobs.job import JobError, Request, new_folder, start_job
from app.measuring import run_method
from app.previewing import scans_held
from app.sentences.as_written import as_written
from app.uploads.scans import (
    MAX_FILES,
    Arrival,
    clashes,
    problem,
    stem_of,
    suggested_code,
    suggested_visit,
    twice,
    write_arrivals,
)
from db.compatibility import misfit
from db.errors import StoreError
from db.publish_table import DatasetCard, check_slug
from pipeline.measures.zoning import ZONE_RULES
from pipeline.segmentation.bundled_models import list_models
from pipeline.segmentation.runtime import can_segment
from vocabulary.identifiers import code_doubt
from vocabulary.measures import GROUP_LABELS, GROUPS, SEX_LABELS, SEXES, ZONE_NOTICE
from vocabulary.messages import counted

WAYS = {"upload": "Upload scans", "folder": "A folder on this machine"}
PRIVACY = (
    "Nothing leaves this machine. An upload is stored under the code you give, never under its own name, and deleted "
    "when it was measured unless you keep it. Use pseudonyms: no names, birth dates or hospital numbers. Remember that "
    "the image itself can show a face."
)
LIMITS = (
    f"One 3D FLAIR volume per file, NIfTI (.nii or .nii.gz), up to 200 MB a file and {MAX_FILES} files at once. For "
    "more, for BIDS datasets and for DICOM series, name a folder."
)
FOLDER = (
    "Every NIfTI file below it whose name or sidecar says FLAIR, a BIDS dataset with its participants.tsv, or DICOM "
    "series. The files stay where they are; codes in names and folders say who the people are."
)
CANNOT = "Scans cannot be measured here: ONNX Runtime is not installed. `mscohort doctor` says how to install it."
RULES = {
    "study-code": "as the study's code does",
    "study-readme": "as the study's text says",
    "contact": "touching the ventricle, the cortex, or neither",
}


def add_form(opened: state.OpenedStore | None) -> None:
    """Draw the form; a started job is found again by the page's next run."""
    if not or_say_why_not("write"):
        return
    if not can_segment():
        st.error(CANNOT)
        return
    way = choosing.segmented_control(
        "Where are the scans?",
        list(WAYS),
        default="upload",
        required=True,
        format_func=lambda name: WAYS[name],
        key="add-way",
    )
    if way == "folder":
        _folder(opened)
    else:
        _uploads(opened)


def upload_form(opened: state.OpenedStore | None) -> None:
    """Draw the form for uploads alone; a started job is found again by the page's next run."""
    if not or_say_why_not("write"):
        return
    if not can_segment():
        st.error(CANNOT)
        return
    _uploads(opened)


def _uploads(opened: state.OpenedStore | None) -> None:
    turn = st.session_state.setdefault("add_turn", 0)
    files = st.file_uploader(
        "Drop FLAIR scans here", type=["nii", "gz"], accept_multiple_files=True, key=f"add-files-{turn}"
    )
    st.markdown(f"{PRIVACY} {LIMITS}")
    if not files:
        return
    if len(files) > MAX_FILES:
        st.error(f"{len(files)} files are more than {MAX_FILES} at once. Put them in a folder and name that instead.")
        return
    st.markdown("## Who is it?")
    arrivals = [_person(file) for file in files]
    problems = [text for arrival in arrivals if (text := problem(arrival))]
    same = twice(arrivals)
    if same:
        st.error(
            f"Two files claim to be {', '.join(map(as_written, same))}. Give each person a code, or each visit a name."
        )
    upload_preview(arrivals, [file.file_id for file in files])
    dataset, model, rule, keep = _options(opened, [stem for arrival in arrivals if (stem := stem_of(arrival))])
    replace, against = _clashes(arrivals, dataset) if dataset and not problems and not same else (False, [])
    ready = bool(not problems and not same and not against and dataset)
    if problems:
        st.markdown("Before measuring, put right what is said above; every person needs a code.")
    if not st.button(f"Measure {counted(len(arrivals), 'scan')}", type="primary", disabled=not ready, key="add-start"):
        return
    try:
        by = visitor().needs("write", "measure scans")
        folder = new_folder(state.store().root)
        write_arrivals(arrivals, folder / "scans")
        start_job(folder, _request((), None, dataset, model, rule, keep, Naming(replace=replace)), by)
    except (JobError, NotAllowed) as error:
        st.error(str(error))
        return
    except OSError as error:
        st.error(f"The uploads cannot be stored ({error.strerror}).")
        return
    # The uploader forgets its files, which Streamlit holds in memory.
    st.session_state["add_turn"] += 1
    st.rerun()


def _clashes(arrivals: list[Arrival], dataset: str) -> tuple[bool, list[str]]:
    """Show what would take the place of an earlier scan; return whether it may, and what still stands against it."""
    store = state.store()
    held = scans_held(store, dataset, store.root / "derivatives" / dataset)
    if not clashes(arrivals, held, replace=False):
        return False, []
    replace = st.checkbox("Another image may replace one measured before", key="add-replace-upload")
    left = clashes(arrivals, held, replace=replace)
    for text in left:
        st.error(as_written(in_page_words(text)))
    return replace, left


def _person(file: "st.runtime.uploaded_file_manager.UploadedFile") -> Arrival:
    key = file.file_id
    with st.container(border=True):
        st.markdown(f"**{as_written(file.name)}** ({file.size / 2**20:,.1f} MB)")
        code, visit, group, sex, age = st.columns([3, 2, 2, 2, 2], vertical_alignment="bottom")
        arrival = Arrival(
            name=file.name,
            content=file.getvalue,
            code=(
                code.text_input("Code", value=suggested_code(file.name), key=f"code-{key}", max_chars=64) or ""
            ).strip(),
            visit=(
                visit.text_input("Visit (optional)", value=suggested_visit(file.name), key=f"visit-{key}", max_chars=64)
                or ""
            ).strip(),
            group=group.selectbox(
                "Group",
                GROUPS,
                index=None,
                format_func=lambda name: GROUP_LABELS[name],
                key=f"group-{key}",
                placeholder="unknown",
            ),
            sex=sex.selectbox(
                "Sex",
                SEXES,
                index=None,
                format_func=lambda name: SEX_LABELS[name],
                key=f"sex-{key}",
                placeholder="unknown",
            ),
            age_years=age.number_input(
                "Age (years)", 0.0, 120.0, None, step=1.0, format="%g", key=f"age-{key}", placeholder="unknown"
            ),
        )
        if text := problem(arrival):
            st.markdown(f":red[{text}]" if arrival.code or "NIfTI" in text else text)
        elif text := code_doubt(arrival.code):
            st.warning(f"{as_written(arrival.code)} {text}. Only pseudonyms may go into the store.")
    return arrival


def _folder(opened: state.OpenedStore | None) -> None:
    left, right = st.columns(2, gap="large")
    named = left.text_input("Folder or file", key="add-path", max_chars=1000, placeholder="the full path")
    table = right.text_input(
        "Table of people (optional)", key="add-people", max_chars=1000, placeholder="the full path of a TSV or CSV",
        help="Columns participant_id, group, sex, age. A BIDS dataset's own participants.tsv is found without it.",
    )  # fmt: skip
    st.markdown(f"{FOLDER} Nothing leaves this machine.")
    path, people = ((text or "").strip() for text in (named, table))
    wrong = [text for text in (path, people) if text and not Path(text).expanduser().exists()]
    for text in wrong:
        st.error(f"There is nothing at {as_written(text)} on this machine.")
    dataset, model, rule, _ = _options(opened, None)
    told = naming()
    full, participants = _full(path) if path else "", _full(people) if people else None
    found = preview(full, participants, dataset, told, ready=bool(path and not wrong and dataset))
    extras = _further(found["participants"]["further_columns"]) if found else ()
    n = len(found["scans"]) if found else 0
    label = f"Measure {counted(n, 'scan')}" if found else "Measure"
    if not st.button(label, type="primary", disabled=not n, key="add-start-folder"):
        return
    try:
        by = visitor().needs("write", "measure scans")
        folder = new_folder(state.store().root)
        start_job(folder, _request((full,), participants, dataset, model, rule, False, told, extras), by)
    except (JobError, NotAllowed) as error:
        st.error(str(error))
        return
    st.rerun()


def _options(opened: state.OpenedStore | None, stems: list[str] | None) -> tuple[str, str, str, bool]:
    """Ask what few people need to change; the dataset is empty where the scans cannot go there.

    ``stems`` are those of uploads; None for a folder, whose scans are not known yet.
    """
    with st.expander("Dataset, model and zones"):
        left, middle, right = st.columns(3, gap="large")
        dataset = (left.text_input("Name of the dataset", value="scans", key="add-dataset", max_chars=64) or "").strip()
        cards = {card.model_id: card for card in list_models()}
        model = middle.selectbox("Model", list(cards), format_func=lambda name: cards[name].title, key="add-model")
        rule = right.selectbox(
            "Zone rule", list(ZONE_RULES), format_func=lambda name: f"{name}: {RULES[name]}" if name in RULES else name,
            key="add-rule", help=ZONE_NOTICE,
        )  # fmt: skip
        keep = stems is not None and st.checkbox("Keep the uploaded scans in the store's folder", key="add-keep")
    try:
        check_slug("dataset", dataset)
    except StoreError as error:
        st.error(as_written(str(error)))
        dataset = ""
    if dataset and (told := _misfit(opened, dataset, str(model), str(rule), stems)):
        st.error(told)
        dataset = ""
    return dataset, str(model), str(rule), bool(keep)


def _misfit(opened: state.OpenedStore | None, dataset: str, model: str, rule: str, stems: list[str] | None) -> str:
    """Say why the dataset would refuse the scans once they are measured; empty where it takes them."""
    if opened is None:
        return ""
    found = misfit(opened.snapshot, DatasetCard(dataset, dataset), *run_method(model, rule), stems or [])
    if found is None:
        return ""
    if found.by_method and stems is None:
        st.warning(f"{as_written(found.reason)}. Nothing will be measured unless the folder holds all of them.")
        return ""
    way = ", or the model and zone rule of its other scans" if found.by_method else ""
    return f"{as_written(found.reason)}. Under *Dataset, model and zones*, choose another name for the dataset{way}."


def _request(
    paths: tuple[str, ...],
    participants: str | None,
    dataset: str,
    model: str,
    rule: str,
    keep: bool,
    told: Naming,
    extras: tuple[str, ...] = (),
) -> Request:
    current = state.store().current()
    return Request(
        paths=paths,
        participants=participants,
        dataset=dataset,
        model=model,
        zone_rule=rule,
        keep=keep,
        version_before=current.number if current else None,
        started=time.time(),
        subject_from=told.subject_from,
        prefer=told.prefer,
        replace=told.replace,
        extras=extras,
    )


def _further(columns: list[str]) -> tuple[str, ...]:
    """Ask which other columns of the table of people are kept."""
    if not columns:
        return ()
    return tuple(
        choosing.multiselect(
            "Further columns of the table to keep (EDSS, duration, treatment, site, a score)",
            columns,
            key="add-extras",
            placeholder="none",
            help="Kept for each scan as numbers or categories; they filter, correlate and colour on the other pages. "
            "Never names, birth dates or hospital numbers.",
        )
    )


def _full(text: str) -> str:
    return str(Path(text).expanduser().absolute())
