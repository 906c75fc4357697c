"""The page Lesion map: both groups, one group, people without maps, a test, and the file to take away."""

import base64
import gzip
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.lesion_maps import GroupMap
from app.exports.map_page import map_page
from app.map_images import HEIGHTS_MM, ShownMap, map_picture
from app.views.lesion_map import overlays
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.views.conftest import OpenPage, answer_of, text_of
from tests.db.fake_run import patients, write_run
from vocabulary.lesion_grid import N_VOXELS


@pytest.fixture(scope="module")
def two_groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    people = [person | {"group": "HC" if i // 2 % 2 else "MS"} for i, person in enumerate(patients(16))]
    run = write_run(folder / "run", people, derivatives=folder / "files", no_regions=(3,))
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    return folder / "store"


def test_opens_with_the_most_frequent_place_and_who_is_not_in_it(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("lesion_map", two_groups)
    assert not page.exception
    answer = answer_of(page)
    assert "Lesions of MS patients (n = 8) are most frequent" in answer
    assert "8 of 8 have one there; lesions of controls (n = 7)" in answer
    assert "1 person has no lesion map" in page.warning[0].value


@pytest.mark.parametrize("shown", ["MS", "HC", "difference", "seen"])
def test_every_map_is_drawn(open_page: OpenPage, two_groups: Path, shown: str) -> None:
    page = open_page("lesion_map", two_groups, **{"map-shown": shown, "map-least": 5})
    assert not page.exception
    assert "at least 5 scans" in text_of(page)


def test_the_groups_are_tested_when_asked(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("lesion_map", two_groups)
    page.button("map-test").click().run()
    assert not page.exception
    # Everybody has the same lesion.
    assert "No place differs for sure: the smallest family-wise p is > .99" in text_of(page)
    assert "8 MS, 7 HC, 2 voxels" in text_of(page)


def test_one_group_has_no_difference(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("lesion_map", two_groups, group=["MS"], **{"map-shown": "difference"})
    assert not page.exception
    assert "controls" not in answer_of(page)


def test_a_table_has_no_maps(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("lesion_map", demo_store)
    assert not page.exception
    assert page.header[0].value == "No lesions by region here"


def test_scans_measured_before_maps_were_kept_are_no_table(open_page: OpenPage, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", patients(2), derivatives=tmp_path / "files")
    kept = pl.read_parquet(run / "registration.parquet")
    kept.with_columns(
        pl.lit(None, kept.schema[name]).alias(name) for name in ("lesion_voxels", "seen_runs")
    ).write_parquet(run / "registration.parquet")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    page = open_page("lesion_map", tmp_path / "store")
    assert not page.exception
    assert page.header[0].value == "No lesion maps here"
    assert "earlier version" in text_of(page)


def test_planes_show_the_map_at_its_height_and_on_its_side() -> None:
    values = np.zeros(N_VOXELS, np.float32)
    x, y, z = 39, 67, 50  # 20 mm left, at the commissure, 28 mm above it
    values[x + 99 * (y + 117 * z)] = 1.0
    plain = map_picture(ShownMap(np.zeros(N_VOXELS, np.float32), "MS", 1.0))
    changed = np.argwhere((map_picture(ShownMap(values, "MS", 1.0)) != plain).any(axis=2))
    row, column = changed.mean(0)
    tile_rows, tile_columns = plain.shape[0] / 2, plain.shape[1] / 6
    number = int(row // tile_rows) * 6 + int(column // tile_columns)
    assert HEIGHTS_MM[number] == 28
    assert column % tile_columns > tile_columns / 2  # the person's left is on the right


def test_a_difference_goes_to_the_viewer_in_two_parts() -> None:
    values = np.full(N_VOXELS, np.nan, np.float32)
    values[[5, 9]] = [0.5, -0.25]
    more, less = (np.frombuffer(gzip.decompress(data)[352:], np.uint8) for data, _ in
                  overlays(ShownMap(values, "difference", 0.5)))  # fmt: skip
    assert (more[5], more[9], more.max()) == (255, 0, 255)
    assert (less[5], less[9]) == (0, 128)


def test_one_page_holds_all_and_asks_for_nothing() -> None:
    page = map_page(b"head", {"<MS>": [(b"map", "plasma")]}, title="A <title>", sentence="s", caption="c").decode()
    assert "A &lt;title&gt;" in page
    assert "default-src 'none'" in page
    told = json.loads(re.search(r"const maps = (.*);", page)[1].replace("<\\/", "</"))  # type: ignore[index]
    assert base64.b64decode(told["<MS>"][0]["data"]) == b"map"
    own = re.sub(r"<script type=.module.>.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)=", own)


def test_a_map_of_nobody_is_empty() -> None:
    held = GroupMap(0, np.zeros(N_VOXELS, np.int32), np.zeros(N_VOXELS, np.int32))
    assert overlays(ShownMap(held.frequency(), "MS", 1.0)) == []
