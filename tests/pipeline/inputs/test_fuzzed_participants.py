"""Tables of people and sidecars made at random, seeded: read or refused in one line, and no scan is lost to them."""

import json
import os
import random
from pathlib import Path

import pytest

from pipeline.errors import ParticipantsError
from pipeline.inputs.discovery import survey
from tests.pipeline.small_scans import write_small_scan

N = int(os.environ.get("FUZZED_TABLES", "100"))
SEED = 20261126
HEADERS = (
    "participant_id",
    "id",
    "group",
    "sex",
    "age",
    "session_id",
    "path",
    "EDSS",
    "",
    "SEX",
    "x" * 3000,
    "\ufeffid",
)
CELLS = ("sub-1", "1", "001", "sub-2", "MS", "HC", "CIS", "F", "M", "1", "44", "89+", "n/a", "", "-3", "1e400", "nan")
CELLS += ("sub-1_FLAIR.nii", "../x", "a b", "\x00", "\x1b[2J", "ä", '"', "9" * 400, "ses-1", "\u202e", "=1+1")
SIDECARS = ('{"EchoTime": 0.1}', '{"EchoTime": "x"}', "{", "[]", "null", '{"EchoTime": 1e999}', '{"PatientAge": ["1"]}')
SIDECARS += ('{"MagneticFieldStrength": {"a": 1}}', '{"ImageType": 3, "Manufacturer": null}', "\xff\xfe", "[" * 5000)
SIDECARS += (json.dumps({"SeriesDescription": "\u0000" * 50}), '{"RepetitionTime": -1, "SliceThickness": "7mm"}')


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_scan(tmp_path_factory.mktemp("ds") / "sub-1" / "anat" / "sub-1_FLAIR.nii", 1)


@pytest.mark.parametrize("part", range(2))
def test_a_table_of_people_is_read_or_refused_in_one_line(scan: Path, part: int) -> None:
    dataset = scan.parents[2]
    read = refused = 0
    for number in range(part, N, 2):
        rng = random.Random(SEED + number)
        headers = rng.choice((["participant_id", *rng.sample(HEADERS[2:8], 3)], rng.sample(HEADERS, rng.randint(1, 7))))
        rows = [[rng.choice(CELLS) for _ in headers] for _ in range(rng.randint(0, 4))]
        text = "\n".join(rng.choice("\t\t\t,;").join(row) for row in [headers, *rows]) + rng.choice(("\n", "", '"'))
        content = text.encode(rng.choice(("utf-8", "utf-8", "utf-16", "latin-1")), "replace")
        (dataset / "participants.tsv").write_bytes(
            content[: rng.choice((len(content), len(content), rng.randint(0, 99)))]
        )
        scan.with_suffix(".json").write_bytes(rng.choice(SIDECARS).encode("latin-1", "replace"))
        try:
            found = survey([dataset])
        except ParticipantsError as error:
            refused += 1
            assert "\n" not in str(error), number
            assert all(letter.isprintable() for letter in str(error)), (number, str(error))
            continue
        read += 1
        assert len(found.scans) + len(found.refused) == 1, number
        assert all(item.reason.isprintable() and len(item.reason) < 600 for item in found.refused), number
    assert read and refused, "a fuzz with one outcome tests only the door"
