"""Small cohorts built by hand."""

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from vocabulary.measures import MEASURES, ZONES

Build = Callable[..., pl.DataFrame]
TEXT = ("dataset_id", "protocol_id", "subject_id", "scan_id", "group", "sex")


@pytest.fixture(scope="session")
def people() -> Build:
    """Return a builder of cohort frames: people(group=..., sex=..., age=..., wmh=..., ventricle=..., ica=...)."""
    return build


def build(
    group: Sequence[str] = (),
    sex: Sequence[str] | None = None,
    age: Sequence[float | None] | None = None,
    wmh: Sequence[float | None] | None = None,
    ventricle: Sequence[float | None] | None = None,
    ica: Sequence[float | None] | None = None,
    protocol: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Return a cohort frame with the columns of the store's view; lesions are split 60, 30 and 10 % between zones."""
    n = len(group)
    frame = pl.DataFrame(
        {
            "dataset_id": ["made"] * n,
            "protocol_id": protocol or ["by-hand"] * n,
            "subject_id": [f"p{i}" for i in range(n)],
            "scan_id": [f"s{i}" for i in range(n)],
            "group": group,
            "sex": sex or ["F"] * n,
            "age_years": age or [40.0] * n,
            "intracranial_area_mm2": ica or [100_000.0] * n,
            "ventricle_area_mm2": ventricle or [400.0] * n,
            "wmh_area_mm2": wmh or [0.0] * n,
        },
        schema=dict.fromkeys(TEXT, pl.String)
        | dict.fromkeys(("age_years", "intracranial_area_mm2", "ventricle_area_mm2", "wmh_area_mm2"), pl.Float64),
    )
    head, load = pl.col("intracranial_area_mm2"), pl.col("wmh_area_mm2")
    parts = dict(zip(ZONES, (0.6, 0.3, 0.1), strict=True))
    frame = frame.with_columns(
        (100 * pl.col("ventricle_area_mm2") / head).alias("ventricle_ratio_pct"),
        (100 * load / head).alias("wmh_ratio_pct"),
        *((load * part).alias(f"{zone}_area_mm2") for zone, part in parts.items()),
        *(pl.when(load > 0).then(pl.lit(100 * part)).alias(f"{zone}_share_pct") for zone, part in parts.items()),
    )
    unmeasured = [name for name in MEASURES if name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in unmeasured)
