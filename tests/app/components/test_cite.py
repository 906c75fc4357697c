"""What a figure is quoted by: the answer, its command that prints the same, BibTeX that no title can break."""

from types import SimpleNamespace
from typing import Any

import pytest

from analysis.filters import Filter
from app.components.cite import bibtex, citation, command_line
from app.state import Dataset, Selection
from vocabulary.measures import SYNTHETIC_NOTICE


def selection(**changed: Any) -> Any:
    fields = {
        "dataset": SimpleNamespace(
            dataset_id="tabriz", protocol_id="p-1", title="Tabriz", citation="doi:1", content_sha256="ab" * 32,
            version=3, synthetic=False,
        ),
        "filter": Filter(sexes=("F",), age_min=30, age_max=45),
        "said": ["Among women aged 30–45, MS patients carry 17.2 times (95 % CI 13.5–22.0) the WMH load."],
        "who": "Tabriz: women, aged 30 to 45; HC n = 358, MS n = 150",
        "command": ["compare", "wmh_ratio_pct", "--adjust", "bh"],
    }  # fmt: skip
    return SimpleNamespace(**{**fields, **changed})


def test_the_answer_comes_first_with_whom_it_is_about() -> None:
    lines = citation(selection(), "WMH ratio", "Log-linear model", selection().said).splitlines()
    assert lines[0].startswith("Among women aged 30–45")
    assert lines[1] == "Method: Log-linear model"
    assert "HC n = 358, MS n = 150" in lines[2]


def test_synthetic_people_are_called_so_first() -> None:
    made = selection()
    made.dataset.synthetic = True
    assert citation(made, "WMH ratio", "m", made.said).splitlines()[0] == SYNTHETIC_NOTICE


def test_the_command_names_dataset_and_filter() -> None:
    told = "mscohort compare wmh_ratio_pct --adjust bh --dataset tabriz --sex F --age 30:45"
    assert command_line(selection()) == told


@pytest.mark.parametrize("title", ["a } @misc{b, title={c}", "\\input{x}"])
def test_a_title_cannot_end_its_field(title: str) -> None:
    made = selection()
    made.dataset.title = title
    text = bibtex(made)
    assert text.count("@misc{tabriz,") == text.count("@misc{") == 1
    assert text.count("{") == text.count("}")
    assert "\\" not in text


def test_the_stand_in_has_the_fields_of_a_selection() -> None:
    assert {"dataset", "filter", "said", "command"} <= set(Selection.__dataclass_fields__)
    assert isinstance(Selection.who, property)
    assert {"title", "citation", "content_sha256"} <= set(Dataset.__dataclass_fields__)
