"""The page Clusters: none, too few people, planted ones that are kept, no regions."""

from pathlib import Path

import polars as pl
import pytest

from app.figures.cohort.clusters import embedding, pattern_profiles, stability
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.commands.test_clusters_command import store_of
from tests.app.views.conftest import OpenPage, answer_of
from tests.db.fake_run import patients, write_run


def test_too_few_people_have_none(open_page: OpenPage, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", patients(6), derivatives=tmp_path / "files")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    page = open_page("clusters", tmp_path / "store")
    assert not page.exception
    assert "No stable clusters: 6 people have lesions in a region; clusters need 30 or more." in answer_of(page)
    assert len(page.get("bidi_component")) == 1


@pytest.mark.slow
def test_planted_clusters_are_shown_and_kept(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("clusters", store_of(tmp_path, 60, planted=True))
    assert not page.exception
    assert "60 people with lesions fall into 2 clusters" in answer_of(page)
    assert "(A 30, B 30)" in answer_of(page)
    assert len(page.get("bidi_component")) == 3
    next(button for button in page.button if button.label == "Keep who is in which cluster").click().run()
    assert page.success[0].value.startswith("60 people kept in the column region_pattern")
    with Store(tmp_path / "store").read() as snapshot:
        assert sorted(snapshot.cohort("scans")["region_pattern"].unique()) == ["A", "B"]


def test_a_table_has_no_clusters(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("clusters", demo_store)
    assert not page.exception
    assert page.header[0].value == "No lesions by region here"


def test_figures_by_hand() -> None:
    people = pl.DataFrame({"x": [0.0, 1.0], "y": [0.0, 2.0], "cluster": ["A", "B"], "subject_id": ["1", "2"],
                           "group": ["MS", None], "age_years": [40.0, None]})  # fmt: skip
    drawn = embedding(people, (0.5, 0.25))
    assert [trace.name for trace in drawn.data] == ["A (n = 1)", "B (n = 1)"]
    assert list(drawn.data[0].customdata[0]) == ["1", "1: MS, 40 years, A"]
    by_k = pl.DataFrame({"k": [2], "stability": [0.9], "silhouette": [0.3], "silhouette_reference": [0.1]})
    assert [list(trace.y) for trace in stability(by_k, 2, 0.8).data] == [[0.9], [0.3], [0.1]]
    told = pl.DataFrame({"cluster": ["A", "B"] * 2, "region_number": [1, 1, 2, 2], "region": ["x", "x", "y", "y"],
                         "side": ["left"] * 4, "share_pct": [75.0, 10.0, 25.0, 90.0]})  # fmt: skip
    heat = pattern_profiles(told).data[0]
    assert list(heat.y) == ["left x", "left y"]
    assert [list(row) for row in heat.z] == [[75.0, 10.0], [25.0, 90.0]]
