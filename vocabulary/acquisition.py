"""How a scan was acquired, as further columns of a dataset of scans: facts of a sidecar or header that name nobody."""

from vocabulary.extra_columns import ExtraColumn

ACQUISITION = (
    ExtraColumn("manufacturer", "category", "Scanner's manufacturer"),
    ExtraColumn("scanner_model", "category", "Scanner's model"),
    ExtraColumn("field_strength_t", "number", "Field strength", "T"),
    ExtraColumn("acquisition_type", "category", "Acquired in 2D or 3D"),
    ExtraColumn("echo_time_ms", "number", "Echo time", "ms"),
    ExtraColumn("repetition_time_ms", "number", "Repetition time", "ms"),
    ExtraColumn("inversion_time_ms", "number", "Inversion time", "ms"),
    ExtraColumn("slice_thickness_mm", "number", "Slice thickness", "mm"),
    ExtraColumn("slice_spacing_mm", "number", "Distance between slices", "mm"),
)
"""In the order in which they are shown. Only the distance between slices is always known: it is measured."""

STUDY_HEAD = ExtraColumn(
    "study_intracranial_area_mm2", "number", "Intracranial area by the Tabriz study's ellipse", "mm²"
)
"""Head size as the released table has it, beside the measures and never mixed with them; a bridge carries it."""

KEPT_WITH_SCANS = (*ACQUISITION, STUDY_HEAD)
"""What a run hands over of a scan besides its measures."""
