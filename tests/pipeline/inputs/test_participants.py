"""Participants tables: common headers and codes, and every way they can mislead."""

import pytest

from pipeline.errors import ParticipantsError
from pipeline.inputs.participants import NOBODY, Person, read_participants
from pipeline.inputs.scan_names import Name


def _table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "participants.tsv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_bids_table(tmp_path):
    table = read_participants(
        _table(tmp_path, "participant_id\tage\tsex\tgroup\nsub-01\t44\tF\tMS\nsub-02\tn/a\tm\tHC\n")
    )
    assert table.person(Name("01", None)) == Person("MS", "F", 44.0)
    assert table.person(Name("02", "1")) == Person("HC", "M", None)
    assert table.person(Name("03", None)) is NOBODY


@pytest.mark.parametrize(
    "text",
    [
        "PatientID,PatientAge,PatientSex,StudyGroup\n7,44.0,female,ms\n",
        "subject_id;age_years;gender;diagnosis\r\n7;044Y;Woman;Multiple Sclerosis\r\n\r\n",
        "Participant_ID;Age (years);Gender (M/F);Diagnosis group\n7;44;w;Relapsing-Remitting MS\n",
        "\ufeffsubject\tage\tsex\tgroup\tnote\n7\t44,0\tf\tRRMS\tx, y; z\n",
    ],
)
def test_other_tables(tmp_path, text):
    assert read_participants(_table(tmp_path, text)).person(Name("7", None)) == Person("MS", "F", 44.0)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("CIS\tF\t44", "group 'CIS' is not understood and stays unknown; expected MS or HC"),
        ("patient\tF\t44", "group 'patient'"),
        ("MS\t0\t44", "sex '0' is not understood and stays unknown; expected F or M"),
        ("MS\tF\t444", "age '444'"),
        ("MS\tF\t-3", "age '-3'"),
        ("MS\tF\tnan?", "age 'nan"),
        ("MS\tF\tinf", "age 'inf'"),
    ],
)
def test_a_cell_that_means_nothing_leaves_that_one_thing_unknown_and_is_said(tmp_path, row, said):
    table = read_participants(_table(tmp_path, f"id\tgroup\tsex\tage\n1\t{row}\n2\tHC\tM\t50\n"))
    person = table.person(Name("1", None))
    assert person.problem is None, "a word refuses no scan"
    assert [person.group, person.sex, person.age_years].count(None) == 1
    assert person.unread == table.unread
    [line] = table.unread
    assert line.startswith(f"participants.tsv, row 2: {said}")
    assert table.person(Name("2", None)) == Person("HC", "M", 50.0)


def test_visits_of_one_person_agree(tmp_path):
    rows = ["sub-1 ses-b F 46", "sub-1 ses-a n/a 44", "sub-1 ses-c n/a n/a", "sub-2 a F 30", "sub-2 b M 31"]
    text = "\n".join(["participant_id session_id sex age", *rows]).replace(" ", "\t")
    table = read_participants(_table(tmp_path, text))
    visits = {name: table.person(Name("1", name)) for name in "abc"}
    assert {person.sex for person in visits.values()} == {"F"}
    assert [visits[name].age_years for name in "abc"] == [44.0, 46.0, 44.0], "of its own row, else at the first"
    assert table.person(Name("2", "a")).problem == "the participants table gives one person several sexes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("age\tsex\n44\tF\n", "no column of identifiers among 'age, sex'"),
        ("id\tage\n1\t44\n1\t45\n", "'1' is on more than one row, again on row 3"),
        ("id\tsubject\tage\n1\t1\t45\n", "'id' and 'subject' mean the same"),
        ("id\tage\n1\t44\t9\n", "row 2 has 3 cells, the header has 2"),
        ("id\tage\n\t44\n", "row 2 has no identifier"),
        ('id\tage\n"1\t44\n', "not a table"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused(tmp_path, text, said):
    with pytest.raises(ParticipantsError, match=said):
        read_participants(_table(tmp_path, text))


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ParticipantsError, match="cannot be read"):
        read_participants(tmp_path / "absent.tsv")
    with pytest.raises(ParticipantsError, match="not UTF-8"):
        read_participants(_table(tmp_path, "id\tname\n1\tä\n", "utf-16"))


def test_rows_of_one_person_that_name_files_keep_an_age_each(tmp_path):
    rows = ["path\tid\tsex\tage", "a/first_FLAIR.nii\t1\tF\t44", "a/second_FLAIR.nii\t1\tn/a\t46"]
    table = read_participants(_table(tmp_path, "\n".join(rows) + "\n"))
    told = {path: table.named(tmp_path / path)[0].person for path in ("a/first_FLAIR.nii", "a/second_FLAIR.nii")}
    assert [(person.sex, person.age_years) for person in told.values()] == [("F", 44.0), ("F", 46.0)]


def test_what_else_a_table_holds_is_named(tmp_path):
    table = read_participants(_table(tmp_path, "participant_id\tEDSS\tsex\tfile\tsite\n1\t2\tF\ta.nii\tX\n"))
    assert table.further == ("EDSS", "site")
