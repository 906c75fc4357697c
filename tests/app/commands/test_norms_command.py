"""`mscohort norms`: the contract of its JSON, its sentences, whole tables, its refusals."""

import csv
import json
from pathlib import Path

import pytest

from app import cli
from tests.app.commands.test_statistics_commands import ask, refused, told
from vocabulary.measures import PUBLISHED_PROTOCOL

PUBLISHED = ("--protocol", PUBLISHED_PROTOCOL)
CONTRACT = {
    *("measure", "reference", "protocol", "centile", "centile_low", "centile_high", "z"),
    *("n_reference", "n_near_age", "note"),
}


def test_score_keeps_its_contract_on_a_machine_without_a_store(tmp_path: Path, capsys) -> None:
    answer = ask(
        capsys, tmp_path / "none", "norms", "score", "--age", "42", "--sex", "f", *PUBLISHED,
        "--measure", "ventricle_ratio_pct=.360", "wmh_area_mm2=35", "--measure", "intracranial_area_mm2=111000",
    )  # fmt: skip
    ventricle, load, head = answer["scores"]
    assert all(set(row) >= CONTRACT for row in answer["scores"])
    assert (round(ventricle["centile"]), round(ventricle["centile_low"]), round(ventricle["centile_high"])) == (
        30,
        27,
        33,
    )
    assert (ventricle["n_reference"], ventricle["n_near_age"]) == (991, 194)
    assert ventricle["reference"] == "tabriz-2026-controls"
    assert load["centile_below"] < load["centile"] < load["centile_at_or_below"]
    assert 50 < head["centile"] < 80
    assert not (tmp_path / "none").exists()


def test_score_in_words(tmp_path: Path, capsys) -> None:
    said = told(
        capsys,
        tmp_path,
        "norms",
        "score",
        "--age",
        "42",
        "--sex",
        "F",
        *PUBLISHED,
        "--measure",
        "ventricle_ratio_pct=.36",
    )
    assert "larger than in 30 of 100 control women of 42 years (95 % interval 27-33)" in said
    assert "991 people" in said and "not for diagnosis" in said
    words = ["norms", "score", "--age", "35", "--sex", "F", *PUBLISHED, "--measure"]
    assert "No WMH: like 19 of 100 control women" in told(capsys, tmp_path, *words, "wmh_area_mm2=0")
    assert "no control woman of the reference has more than 181 mm²" in told(
        capsys, tmp_path, *words, "wmh_area_mm2=900"
    )
    assert "4 of 991 controls of the reference have as much" in told(
        capsys, tmp_path, *words, "juxtacortical_area_mm2=3"
    )
    old = ["norms", "score", "--age", "65", "--sex", "F", *PUBLISHED, "--measure", "ventricle_ratio_pct=.9"]
    assert told(capsys, tmp_path, *old).startswith("Only 6 control women within 5 years of 65")
    among = told(capsys, tmp_path, *words, "wmh_area_mm2=200", "--group", "MS")
    assert "of 100 women with MS of 35 years" in among


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--age", "16", "--sex", "F", *PUBLISHED, "--measure", "ventricle_ratio_pct=.4"], 1, "age 16 is outside"),
        (["--age", "80", "--sex", "F", *PUBLISHED, "--measure", "ventricle_ratio_pct=.4"], 1, "age 80 is outside"),
        (
            ["--age", "73", "--sex", "M", *PUBLISHED, "--measure", "ventricle_ratio_pct=.4"],
            1,
            "beyond the oldest control man",
        ),
        (["--age", "40", "--sex", "F", "--protocol", "clinic-1", "--measure", "wmh_area_mm2=4"], 1, "not compared"),
        (["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "wmh_area_mm2=nan"], 1, "not a number"),
        (["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "wmh_area_mm2=-1"], 1, "negative"),
        (
            ["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "wmh_area_mm2=9", "intracranial_area_mm2=5"],
            1,
            "larger than",
        ),
        (["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "brain=9"], 1, "no norm for 'brain'"),
        (["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "wmh_area_mm2=1", "wmh_area_mm2=2"], 1, "given twice"),
        (["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "wmh_area_mm2"], 2, "not NAME=VALUE"),
        (["--age", "40", "--sex", "X", *PUBLISHED, "--measure", "wmh_area_mm2=1"], 2, "invalid choice"),
        (["--age", "40", "--sex", "F", "--measure", "wmh_area_mm2=1"], 2, "--protocol"),
        (
            ["--age", "40", "--sex", "F", *PUBLISHED, "--measure", "wmh_area_mm2=1", "--reference", "berlin"],
            1,
            "there are: tabriz",
        ),
        (["no-such-table.csv", *PUBLISHED], 2, "--out"),
    ],
)
def test_what_cannot_be_scored_is_one_line(words, code, said, tmp_path: Path, capsys) -> None:
    found, line = refused(capsys, "norms", "score", *words, "--store", str(tmp_path))
    assert (found, said in line) == (code, True), line


def test_list_names_who_is_behind_each_reference(tmp_path: Path, capsys) -> None:
    (tmp_path / "norms").mkdir()
    (tmp_path / "norms" / "odd.json").write_text("{}")
    answer = ask(capsys, tmp_path, "norms", "list")
    assert [r["name"] for r in answer["references"]] == ["tabriz-2026-controls", "tabriz-2026-patients"]
    assert answer["references"][0]["n_by_sex"] == {"F": 668, "M": 323}
    assert answer["references"][0]["citation"]
    assert "odd.json" in answer["problems"][0]


def test_a_table_is_scored_row_by_row(tmp_path: Path, capsys) -> None:
    table, out = tmp_path / "people.csv", tmp_path / "scores.csv"
    table.write_text(
        "participant_id,age,sex,ventricle_ratio_pct,wmh_area_mm2\n"
        "a,42,F,0.36,0\nb,42Y,woman,n/a,35\nc,16,M,0.4,1\nd,,F,0.4,1\ne,40,2,0.4,1\nf,40,F,-1,1\n=g,40,F,abc,1\n"
    )
    capsys.readouterr()
    assert cli.main(["norms", "score", str(table), "--out", str(out), *PUBLISHED, "--json"]) == 0
    said, progress = capsys.readouterr()
    answer = json.loads(said)
    assert answer["n_rows"] == 7
    assert sum(answer["refused"].values()) == answer["n_refused"]
    assert "age is missing" in progress
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    by_person: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_person.setdefault(row["subject_id"], []).append(row)
    assert round(float(by_person["a"][0]["centile"])) == 30
    assert [r["measure"] for r in by_person["b"]] == ["wmh_area_mm2"]
    assert {r["refused"] for r in by_person["c"]} == {"age 16 is outside the reference, 18 to 74 years"}
    assert "sex is not F or M" in by_person["e"][0]["note"]
    assert "negative" in by_person["f"][0]["note"]
    assert "not a number" in by_person["'=g"][0]["note"]


@pytest.mark.reference
def test_the_released_table_is_scored_by_its_own_headers(released_table: Path, tmp_path: Path, capsys) -> None:
    table, out = tmp_path / "first.csv", tmp_path / "scores.csv"
    table.write_text("".join(released_table.read_text().splitlines(keepends=True)[:60]))
    assert cli.main(["norms", "score", str(table), "--out", str(out), *PUBLISHED, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_rows"] == 59
    [row] = [
        row
        for row in csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())
        if row["subject_id"] == "107130" and row["measure"] == "ventricle_area_mm2"
    ]
    assert (row["sex"], float(row["age"]), round(float(row["centile"]))) == ("F", 42, 30)


def test_a_small_cohort_carries_no_reference(tmp_path: Path, capsys) -> None:
    store = tmp_path / "store"
    assert cli.main(["demo", "--subjects", "40", "--scans", "0", "--store", str(store)]) == 0
    code, line = refused(capsys, "norms", "fit", "--store", str(store))
    assert code == 1
    assert "at least 100 controls" in line
    assert not (store / "norms").exists()


@pytest.mark.slow
def test_a_site_fits_its_own_reference_and_scores_against_it(tmp_path: Path, capsys) -> None:
    store = tmp_path / "store"
    assert cli.main(["demo", "--subjects", "400", "--scans", "0", "--store", str(store)]) == 0
    fitted = ask(capsys, store, "norms", "fit", "--name", "ours")
    assert fitted["synthetic"] is True
    assert fitted["n"] == sum(fitted["n_by_sex"].values()) >= 100
    assert fitted["specificity"]["wmh_area_p95_mm2"] > fitted["specificity"]["wmh_area_median_mm2"]
    words = [
        "norms",
        "score",
        "--age",
        "40",
        "--sex",
        "F",
        "--protocol",
        "mscohort-demo-1",
        "--measure",
        "wmh_area_mm2=30",
    ]
    assert ask(capsys, store, *words)["scores"][0]["reference"] == "ours"
    code, line = refused(capsys, "norms", "fit", "--name", "ours", "--store", str(store))
    assert code == 1 and "--replace" in line
    code, line = refused(capsys, "norms", "fit", "--name", "../ours", "--store", str(store))
    assert code == 1 and "cannot name a reference" in line
    kept = {p.name for p in (store / "norms").iterdir()}
    assert kept == {"demo-controls.json", "demo-patients.json", "ours.json"}


BRIDGED = ("norms", "score", "--age", "37", "--sex", "F", "--protocol", "mscohort-1", "--measure")


def test_a_bridge_carries_a_high_lesion_load_in_one_sided_words(tmp_path: Path, capsys) -> None:
    answer = ask(capsys, tmp_path, *BRIDGED, "wmh_area_mm2=1500")
    [row] = answer["scores"]
    assert answer["bridge"] == "mscohort-1-to-tabriz-2026"
    assert row["centile"] is None and row["z"] is None
    assert row["centile_low"] >= 95
    assert (row["protocol"], row["reference"]) == ("mscohort-1", "tabriz-2026-controls")
    assert "no control was" in row["note"]
    assert "more than in at least" in answer["answer"][0] and "by a bridge" in answer["answer"][0]


def test_head_size_is_carried_with_a_centile_by_the_studys_own_definition(tmp_path: Path, capsys) -> None:
    answer = ask(capsys, tmp_path, *BRIDGED, "study_intracranial_area_mm2=112000")
    [row] = answer["scores"]
    assert (row["measure"], row["refused"], row["n_reference"]) == ("intracranial_area_mm2", None, 991)
    assert row["centile_low"] < row["centile"] < row["centile_high"]
    assert row["centile_high"] - row["centile_low"] < 40
    direct = ask(
        capsys, tmp_path, "norms", "score", "--age", "37", "--sex", "F", *PUBLISHED,
        "--measure", "intracranial_area_mm2=112000",
    )["scores"][0]  # fmt: skip
    assert row["centile_low"] < direct["centile"] < row["centile_high"]
    assert "by 10 patients measured under both, within a factor of 1.02" in row["note"]
    code, line = refused(capsys, *BRIDGED, "intracranial_area_mm2=200000", "--store", str(tmp_path))
    assert (code, "cannot be carried over" in line) == (1, True), "another definition of head size"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wmh_area_mm2=100"], "less than in every patient measured under both"),
        (["wmh_area_mm2=550"], "the bridge is too uncertain here"),
        (["ventricle_ratio_pct=2.3"], "cannot be carried"),
        (["ventricle_area_mm2=3000", "intracranial_area_mm2=200000"], "cannot be carried"),
        (["periventricular_area_mm2=3000"], "cannot be carried"),
    ],
)
def test_what_no_bridge_carries_is_refused(words: list[str], said: str, tmp_path: Path, capsys) -> None:
    code, line = refused(capsys, *BRIDGED, *words, "--store", str(tmp_path))
    assert (code, said in line) == (1, True), line


def test_a_bridge_adds_nothing_where_few_controls_are(tmp_path: Path, capsys) -> None:
    words = [
        "norms",
        "score",
        "--age",
        "70",
        "--sex",
        "F",
        "--protocol",
        "mscohort-1",
        "--measure",
        "wmh_area_mm2=9000",
    ]
    code, line = refused(capsys, *words, "--store", str(tmp_path))
    assert (code, "only 3 controls" in line) == (1, True)


@pytest.mark.reference
def test_the_shipped_bridge_is_that_of_the_patients_measured_under_both(tabriz_store: Path, capsys) -> None:
    from analysis.norms.bridge import shipped_bridges
    from app.bridging import bridge_of
    from db.store import Store

    with Store(tabriz_store).read() as snapshot:
        again = bridge_of(snapshot)
    shipped = shipped_bridges()["mscohort-1"]
    assert [m.measure for m in again.measures] == [m.measure for m in shipped.measures]
    for one, other in zip(again.measures, shipped.measures, strict=True):
        assert (one.n, one.slope, one.intercept) == pytest.approx((other.n, other.slope, other.intercept))
    answer = ask(capsys, tabriz_store, "norms", "bridge")
    load = next(m for m in answer["measures"] if m["measure"] == "wmh_area_mm2")
    assert load["n"] == 9 and load["carried"]
    assert 1.4 < load["residual_factor"] < 1.7 and 1.4 < load["loo_factor"] < 1.8
    head = next(m for m in answer["measures"] if m["measure"] == "intracranial_area_mm2")
    assert head["n"] == 10 and head["with_centile"]
    assert head["residual_factor"] < 1.01 and head["loo_factor"] < 1.01
    ventricle = next(m for m in answer["measures"] if m["measure"] == "ventricle_area_mm2")
    assert not ventricle["carried"] and ventricle["mean_width"] > 60
