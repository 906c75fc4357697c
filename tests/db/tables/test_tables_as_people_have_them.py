"""Tables shaped like those of other programs, archives and hospitals: read as they are, or with an option."""

import io
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from db.errors import TableError
from db.import_table import ImportReport, import_table
from db.store import Store
from db.tables.choices import ExtraChoice, TableChoices

OWN = "subject_id,age_years,sex,group,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2"
FULL = f"{OWN},periventricular_area_mm2,paraventricular_area_mm2,juxtacortical_area_mm2"


def take(
    store: Store, tmp_path: Path, content: str | bytes, name: str = "t.csv", **choices: object
) -> tuple[ImportReport, pl.DataFrame]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    report = import_table(store, path, "own", choices=TableChoices(**choices))  # type: ignore[arg-type]
    with store.read() as snapshot:
        assert not any(snapshot.audit().values())
        return report, snapshot.cohort(report.dataset_id)


def workbook(**sheets: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def people(separator: str = ",", areas: str = "116234") -> str:
    rows = [f"P{i:03d},{20 + i},{'FM'[i % 2]},{'MS' if i % 3 else 'HC'},{areas},560,180" for i in range(6)]
    return "\n".join(row.replace(",", separator) for row in rows) + "\n"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("sep=;\n" + OWN.replace(",", ";") + "\n" + people(";"), None),
        (f"# exported by a tool\n{OWN}\n" + people(), "1 line above the header not read: '# exported by a tool'"),
        (f"Ward 3\nMay 2026, second list\n\n{OWN}\n" + people(), "2 lines above the header not read: 'Ward 3'"),
        (f"Ward 3,,,,,,\n{OWN}\n" + people(), "1 line above the header not read: 'Ward 3,,,,,,'"),
        (
            OWN + "\n" + "\n".join(",".join(f'"{c}"' for c in row.split(",")) for row in people().splitlines()) + "\n",
            None,
        ),
    ],
)  # fmt: skip
def test_what_stands_above_the_header(content: str, note: str | None, store: Store, tmp_path: Path) -> None:
    report, frame = take(store, tmp_path, content)
    assert frame["subject_id"].to_list() == [f"P{i:03d}" for i in range(6)]
    assert frame["intracranial_area_mm2"].unique().to_list() == [116234.0]
    assert report.notes == ([note] if note else [])


def test_row_numbers_count_the_lines_above_the_header(store: Store, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="row 4, subject_id 'Ann Lee'"):
        take(store, tmp_path, f"Ward 3\n{OWN}\nP1,44,F,MS,116000,560,180\nAnn Lee,44,F,MS,116000,560,180\n")


def test_decimal_commas_in_quotes_in_a_comma_file(store: Store, tmp_path: Path) -> None:
    report, frame = take(store, tmp_path, f'{OWN}\nP1,"44,5",F,MS,"116234,5",560,180\nP2,45,M,HC,116000,560,0\n')
    assert frame["age_years"].to_list() == [44.5, 45.0]
    assert frame["intracranial_area_mm2"].to_list() == [116234.5, 116000.0]
    assert report.notes == ["age_years: 44,5 read as 44.5", "intracranial_area_mm2: 116234,5 read as 116,234.5"]


def test_a_german_excel(store: Store, tmp_path: Path) -> None:
    content = OWN.replace(",", ";") + "\nP1;44,5;w;MS;116.234;560;1.180\nP2;45;m;Kontrolle;98.000;1.560;0\n"
    report, frame = take(store, tmp_path, content)
    assert frame["intracranial_area_mm2"].to_list() == [116234.0, 98000.0]
    assert frame["ventricle_area_mm2"].to_list() == [560.0, 1560.0]
    assert frame.select("group", "sex").rows() == [("MS", "F"), ("HC", "M")]
    assert "intracranial_area_mm2: 116.234 read as 116,234" in report.notes


def test_units_in_headers_convert_and_say_so(store: Store, tmp_path: Path) -> None:
    header = "Code,Age (months),Gender (M/F),Diagnosis,Intracranial area (cm2),WMH area [cm²],WMH volume (mm3)"
    report, frame = take(
        store, tmp_path, f"{header}\nP1,528,F,RRMS,1160,1.8,4500\nP2,600,M,healthy controls,1200,0,0\n",
        columns={"Code": "subject_id"},
    )  # fmt: skip
    assert frame["age_years"].to_list() == [44.0, 50.0]
    assert frame["intracranial_area_mm2"].to_list() == [116000.0, 120000.0]
    assert frame["wmh_area_mm2"].to_list() == [180.0, 0.0]
    assert frame["wmh_volume_ml"].to_list() == [4.5, 0.0]
    assert "WMH volume (mm3): read in mm³, kept in mL (x 0.001)" in report.notes


def test_ages_with_words(store: Store, tmp_path: Path) -> None:
    rows = ["P1,89+,F,MS,116000,560,180", "P2,40 years,M,HC,116000,560,0", "P3,18 months,M,HC,116000,560,0"]
    report, frame = take(store, tmp_path, "\n".join([OWN, *rows, "P4,044Y,F,HC,116000,560,0"]))
    assert frame["age_years"].to_list() == [89.0, 40.0, 1.5, 44.0]
    assert "age_years: '89+' gives only a lower limit, which is taken (1 row)" in report.notes
    assert any("converted to years, such as '18 months'" in note for note in report.notes)


def test_words_a_person_explains(store: Store, tmp_path: Path) -> None:
    content = f"{OWN}\nP1,44,1,patient,116000,560,180\nP2,45,2,volunteer,116000,560,0\nP3,46,9,?,116000,560,0\n"
    with pytest.raises(TableError, match=r"no word for group is understood \('patient' once, 'volunteer' once\)"):
        take(store, tmp_path, content)
    values = {"group": {"Patient": "MS", "volunteer": "HC"}, "sex": {"1": "M", "2": "F"}}
    report, frame = take(store, tmp_path, content, values=values)
    assert frame.select("group", "sex").rows() == [("MS", "M"), ("HC", "F"), (None, None)]
    assert report.n_missing == {"group": 1, "sex": 1}
    assert report.n_unknown_words == {"group": 0, "sex": 1}
    assert any("sex of 1 row not understood and left unknown ('9' once)" in note for note in report.notes)


def test_an_unknown_word_leaves_the_person_unknown_and_is_counted(store: Store, tmp_path: Path) -> None:
    report, frame = take(store, tmp_path, f"{OWN}\nP1,44,F,MS,116000,560,180\nP2,45,M,CIS,116000,560,0\n")
    assert frame["group"].to_list() == ["MS", None]
    assert (report.n_unknown_words, report.n_rejected) == ({"group": 1, "sex": 0}, 0)
    with store.read() as snapshot:
        missing = snapshot.missing_values(report.dataset_id)
    assert missing.select("subject_id", "column_name").rows() == [("P2", "group")]


@pytest.mark.parametrize(
    ("measures", "cells"),
    [
        ("wmh_volume_ml,lesion_count", "4.5,12"),
        ("wmh_area_mm2", "180"),
        ("ventricle_ratio_pct,wmh_ratio_pct", "0.43,0.15"),
        ("intracranial_area_mm2", "116000"),
        ("periventricular_share_pct,paraventricular_share_pct,juxtacortical_share_pct", "60,30,10"),
    ],
)
def test_any_subset_of_measures(measures: str, cells: str, store: Store, tmp_path: Path) -> None:
    _, frame = take(store, tmp_path, f"subject_id,sex,group,{measures}\nP1,F,MS,{cells}\nP2,M,HC,{cells}\n")
    for name, value in zip(measures.split(","), cells.split(","), strict=True):
        assert frame[name].to_list() == [float(value)] * 2
    absent = {"wmh_area_mm2", "wmh_volume_ml", "ventricle_ratio_pct"} - set(measures.split(","))
    assert all(frame[name].null_count() == 2 for name in absent)


def test_a_table_s_own_ratio_gives_way_to_its_areas(store: Store, tmp_path: Path) -> None:
    content = f"{OWN},wmh_ratio_pct\nP1,44,F,MS,100000,560,180,99\nP2,45,M,HC,100000,560,0,99\n"
    report, frame = take(store, tmp_path, content)
    assert frame["wmh_ratio_pct"].to_list() == [0.18, 0.0]
    assert "wmh_ratio_pct: not read, it is derived from the areas" in report.notes


def test_further_columns_come_in_typed(store: Store, tmp_path: Path) -> None:
    header = f"{OWN},EDSS,Disease duration (years),Scanner,Comment"
    rows = [
        'P1,44,F,MS,116000,560,180,"3,5",12,A,x',
        "P2,45,M,HC,116000,560,0,,,B,y",
        "P3,45,M,MS,116000,560,9,6,1,A,z",
    ]
    extras = (
        ExtraChoice("edss", "number"),
        ExtraChoice("Disease duration (years)"),
        ExtraChoice("Scanner", "category"),
    )
    report, frame = take(store, tmp_path, "\n".join([header, *rows]), extras=extras)
    assert [(e.name, e.kind, e.label, e.unit) for e in report.extras] == [
        ("edss", "number", "EDSS", ""),
        ("disease_duration_years", "number", "Disease duration", "years"),
        ("scanner", "category", "Scanner", ""),
    ]
    assert report.ignored_columns == ["Comment"]
    assert frame.select("edss", "disease_duration_years", "scanner").rows() == [
        (3.5, 12.0, "A"),
        (None, None, "B"),
        (6.0, 1.0, "A"),
    ]
    assert frame.schema["edss"] == pl.Float64


def test_further_columns_that_tell_people_apart_are_refused(store: Store, tmp_path: Path) -> None:
    rows = [f"P{i},44,F,MS,116000,560,180,Person {chr(65 + i)}" for i in range(24)]
    with pytest.raises(TableError, match="24 different words for 24 rows"):
        take(store, tmp_path, "\n".join([f"{OWN},Name", *rows]), extras=(ExtraChoice("Name"),))


def test_visits_of_one_person(store: Store, tmp_path: Path) -> None:
    content = f"{OWN},visit\nP1,44,F,MS,116000,560,180,1\nP1,46,F,MS,116000,580,200,2\nP2,45,M,HC,116000,560,0,1\n"
    report, frame = take(store, tmp_path, content)
    assert report.n_subjects == 2
    assert frame.select("subject_id", "session", "age_years", "wmh_area_mm2").rows() == [
        ("P1", "1", 44.0, 180.0),
        ("P1", "2", 46.0, 200.0),
        ("P2", "1", 45.0, 0.0),
    ]
    with pytest.raises(TableError) as refused:
        take(store, tmp_path, content.replace("P1,46,F", "P1,46,M"), name="u.csv")
    assert "the visits of this person have different values of sex" in refused.value.details[0]


def test_the_sheet_whose_headers_say_most(store: Store, tmp_path: Path) -> None:
    header, row = OWN.split(","), ["P1", 44.5, "F", "MS", 116000, 560, 180]
    book = workbook(Legend=[["What", "Means"], ["P", "person"]], Data=[["Ward 3"], [], header, row], Empty=[])
    report, frame = take(store, tmp_path, book, name="t.xlsx")
    assert frame.select("subject_id", "age_years").rows() == [("P1", 44.5)]
    assert report.notes[0] == "the workbook has 3 sheets: 'Data' was read"
    assert report.notes[1] == "1 line above the header not read: 'Ward 3'"
    with pytest.raises(TableError, match="has no sheet 'None such'; it has: Legend, Data, Empty"):
        take(store, tmp_path, book, name="t.xlsx", sheet="None such")


def test_codes_that_lost_their_zeros_are_said(store: Store, tmp_path: Path) -> None:
    rows = [[7, 44, "F", "MS", 116000, 560, 180], [12, 44, "F", "HC", 116000, 560, 0]]
    report, frame = take(store, tmp_path, workbook(Data=[OWN.split(","), *rows]), name="t.xlsx")
    assert frame["subject_id"].to_list() == ["12", "7"]
    assert "if the codes have leading zeros, the file has lost them" in report.notes[0]


def test_a_table_like_oasis(store: Store, tmp_path: Path) -> None:
    header = "Subject ID,MRI ID,Group,Visit,MR Delay,M/F,Hand,Age,EDUC,SES,MMSE,CDR,eTIV,nWBV,ASF"
    rows = ["OAS2_0001,OAS2_0001_MR1,Nondemented,1,0,M,R,87,14,2,27,0,1987,0.696,0.883",
            "OAS2_0002,OAS2_0002_MR1,Demented,1,0,F,R,75,12,,23,0.5,1678,0.736,1.046"]  # fmt: skip
    report, frame = take(
        store, tmp_path, "\n".join([header, *rows]), values={"group": {"Nondemented": "HC", "Demented": None}},
        extras=(ExtraChoice("eTIV", "number", unit="mL"), ExtraChoice("nWBV"), ExtraChoice("MMSE")),
    )  # fmt: skip
    assert frame.select("group", "sex", "age_years", "etiv", "nwbv").rows() == [
        ("HC", "M", 87.0, 1987.0, 0.696),
        (None, "F", 75.0, 1678.0, 0.736),
    ]
    assert report.extras[0].axis_title == "eTIV (mL)"


def test_a_table_like_freesurfer_s_asegstats2table(store: Store, tmp_path: Path) -> None:
    header = "Measure:volume\tLeft-Lateral-Ventricle\tRight-Lateral-Ventricle\tWM-hypointensities"
    header += "\tEstimatedTotalIntraCranialVol"
    rows = ["sub-01\t9120.3\t8034.1\t1211.0\t1503456.2", "sub-02\t7120.3\t7034.1\t911.5\t1403456.9"]
    report, frame = take(
        store, tmp_path, "\n".join([header, *rows]), name="aseg.txt", columns={"Measure:volume": "subject_id"},
        values={"group": {"*": "MS"}, "sex": {"*": None}}, extras=(ExtraChoice("*", "number", unit="mm3"),),
    )  # fmt: skip
    assert frame["estimatedtotalintracranialvol"].to_list() == [1503456.2, 1403456.9]
    assert frame.select("group", "sex").rows() == [("MS", None)] * 2
    assert len(report.extras) == 4
    assert "no column for sex: unknown for everybody, as was said" in report.notes


def test_a_table_like_lst_ai_s(store: Store, tmp_path: Path) -> None:
    content = "ID,sex,group,Num_Lesions,Num_Vox,Lesion_Volume (mm3)\nsub-1,F,MS,12,4500,4500\nsub-2,M,MS,3,400,400\n"
    _, frame = take(store, tmp_path, content, columns={"Num_Lesions": "lesion_count"})
    assert frame["lesion_count"].to_list() == [12, 3]
    assert frame["wmh_volume_ml"].to_list() == [4.5, 0.4]


def test_a_table_like_volbrain_s(store: Store, tmp_path: Path) -> None:
    header = "Patient ID;Sex;Age;ICV cm3;ICV %;Lateral ventricles cm3;Total lesion volume (cm3);Lesion count;Group"
    content = f"{header}\njob1;Female;44;1402.3;100;18.2;4.51;12;MS\njob2;Male;50;1502.3;100;12.9;0.00;0;Control\n"
    _, frame = take(store, tmp_path, content, extras=(ExtraChoice("ICV cm3", "number", unit="mL"),))
    assert frame["ventricle_volume_ml"].to_list() == [18.2, 12.9]
    assert frame["wmh_volume_ml"].to_list() == [4.51, 0.0]
    assert frame["icv_cm3"].to_list() == [1402.3, 1502.3]


def test_a_hospital_s_excel(store: Store, tmp_path: Path) -> None:
    rows = [["MS clinic", "", "", "", "", ""], ["Code", "Geschlecht", "Alter", "Diagnose", "WMH volume (mm3)", "EDSS"],
            ["A-01", "w", 44, "RRMS", 4500, 3.5], ["A-02", "m", "51 Jahre", "gesund", 120.5, ""]]  # fmt: skip
    report, frame = take(
        store, tmp_path, workbook(Liste=rows), name="klinik.xlsx", columns={"Code": "subject_id"},
        extras=(ExtraChoice("EDSS"),),
    )  # fmt: skip
    assert frame.select("subject_id", "sex", "age_years", "group", "wmh_volume_ml", "edss").rows() == [
        ("A-01", "F", 44.0, "MS", 4.5, 3.5),
        ("A-02", "M", 51.0, "HC", 0.1205, None),
    ]
    assert report.dataset_id == "klinik"


def test_a_cell_far_away_is_refused_before_it_is_read(store: Store, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, OWN.split(","))
        sheet.write(1048575, 16383, "far")
    with pytest.raises(TableError, match="spans 1,048,576 rows and 16,384 columns"):
        take(store, tmp_path, buffer.getvalue(), name="far.xlsx")
