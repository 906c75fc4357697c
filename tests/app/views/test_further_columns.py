"""A cohort with EDSS and scanner: filtered and correlated by them, on pages and on the command line."""

import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from analysis.filters import Filter
from app import cli
from app.exports.contents import contents
from app.exports.files import FORMATS, zip_bytes
from db.store import Store
from tests.app.views.conftest import OpenPage, answer_of, every_tab, text_of


@pytest.fixture(scope="module")
def edss_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of sixty people with EDSS (MS only) and scanner."""
    folder = tmp_path_factory.mktemp("edss")
    rows = []
    for i in range(60):
        group = "MS" if i % 3 else "HC"
        edss = f"{i % 13 / 2}" if group == "MS" else ""
        rows.append(f"P{i},{20 + i % 40},{'FM'[i % 2]},{group},116000,{400 + 9 * i},{i % 7 * 30},{edss},{'AB'[i % 2]}")
    header = "subject_id,age,sex,group,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,EDSS,Scanner"
    (folder / "t.csv").write_text("\n".join([header, *rows]))
    words = ["import", str(folder / "t.csv"), "--protocol", "own-1", "--store", str(folder / "store")]
    assert cli.main([*words, "--extra", "EDSS:number", "--extra", "scanner:category"]) == 0
    return folder / "store"


def test_correlations_offer_and_name_it(edss_store: Path, open_page: OpenPage) -> None:
    page = open_page("correlations", edss_store, variables=["age_years", "edss", "wmh_area_mm2"])
    assert not page.exception
    assert "EDSS" in page.multiselect(key="variables").options
    pairs = page.selectbox(key="pair").options
    assert "Age and EDSS" in pairs
    assert "scanner" not in page.multiselect(key="variables").options


def test_the_filter_bar_filters_by_it_and_says_so(edss_store: Path, open_page: OpenPage) -> None:
    page = open_page("compare", edss_store)
    page.multiselect(key="where-scanner").set_value(["A"]).run()
    assert not page.exception
    assert page.button(key="chip-where-scanner").label == "Scanner A ✕"
    assert "(scanner A), " in answer_of(page)
    said = next(e.proto.body for e in page.get("html") if 'class="who"' in e.proto.body)
    assert "30 of 60 filtered out" in said
    page.text_input(key="where-edss").set_value("many").run()
    assert "neither one nor a range" in page.error[0].value
    page.button(key="reset").click().run()
    assert page.multiselect(key="where-scanner").value == []
    assert not page.exception


def test_commands_filter_and_correlate_by_it(edss_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "correlate",
        "edss",
        "wmh_area_mm2",
        "--where",
        "scanner=A",
        "--where",
        "edss=0:6",
        "--store",
        str(edss_store),
    ]
    assert cli.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["filters"]["where"] == [["scanner", "A"], ["edss", "0:6"]]
    assert "scanner A, EDSS 0 to 6" in found["filter_text"]
    assert found["n"] == {"HC": 0, "MS": 20}
    assert [cell["n"] for cell in found["cells"]] == [0, 20]
    assert cli.main(words) == 0
    assert "EDSS" in capsys.readouterr().out
    assert cli.main(["correlate", "stage", "wmh_area_mm2", "--store", str(edss_store)]) == 2
    assert "'stage' is none of" in capsys.readouterr().err
    assert cli.main(["compare", "wmh_area_mm2", "--where", "scanner=C", "--store", str(edss_store)]) == 1
    assert "nobody has scanner 'C'; there is: A, B" in capsys.readouterr().err


def test_overview_has_it_too(edss_store: Path, open_page: OpenPage) -> None:
    page = open_page("overview", edss_store)
    assert not page.exception
    assert text_of(page)


def test_every_page_of_people_offers_them_to_take_away(edss_store: Path, open_page: OpenPage) -> None:
    for name in ("overview", "compare", "correlations", "age_sex", "zones"):
        page = open_page(name, edss_store, export=True)
        assert not page.exception
        [button] = [b for b in page.get("download_button") if b.proto.id.endswith("export-download")]
        assert button.proto.label == "Download 60 rows"


def test_the_archive_holds_what_the_page_shows(edss_store: Path) -> None:
    with Store(edss_store).read() as snapshot:
        chosen = Filter(dataset="t", groups=("MS",), where=(("scanner", "A"),))
        frame = chosen.apply(snapshot.cohort("t"))
        gathered = contents(
            snapshot, "t", "own-1", frame, chosen, pl.DataFrame({"name": ["welch_t"], "p_value": [0.5]})
        )
    for kind in FORMATS:
        archive = zip_bytes(gathered, kind)
        assert archive == zip_bytes(gathered, kind) or kind == "xlsx", "the same people give the same bytes"
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            about = json.loads(opened.read("dataset.json"))
            assert about["n"] == {"HC": 0, "MS": 20}
            assert set(about["files"]) <= set(opened.namelist())
    assert {"cohort", "tests", "dictionary"} == set(gathered.tables)


def test_figures_may_be_coloured_by_it(edss_store: Path, open_page: OpenPage) -> None:
    for name in ("compare", "correlations", "age_sex", "zones", "overview"):
        for colour in ("edss", "scanner"):
            for tab in every_tab(name):
                page = open_page(name, edss_store, colour=colour, **tab)
                assert not page.exception, (name, colour, tab)
                assert page.selectbox(key="colour").value == colour


def test_compare_adjusts_for_it(edss_store: Path, open_page: OpenPage, capsys: pytest.CaptureFixture[str]) -> None:
    page = open_page("compare", edss_store, covariates=["scanner"])
    assert not page.exception
    words = ["compare", "ventricle_area_mm2", "--covariate", "scanner", "--check", "--store", str(edss_store), "--json"]
    assert cli.main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["covariates"] == ["scanner"]
    assert found["check"]["max_abs_difference"] < 1e-6
    assert any("scanner" in (test["adjusted_for"] or "") for test in found["tests"])


def test_the_data_page_offers_whole_datasets(edss_store: Path, open_page: OpenPage) -> None:
    page = open_page("data", edss_store, **{"export-a-dataset": True})
    assert not page.exception
    [button] = [b for b in page.get("download_button") if b.proto.id.endswith("export-dataset-download")]
    assert button.proto.label == "Download 60 rows"
