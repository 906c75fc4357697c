-- The protocols this software knows by name. One row per protocol; numbers of different protocols are never pooled.

INSERT INTO protocol (protocol_id, title, description, zone_rule, citation) VALUES
(
    'tabriz-2026-published',
    'Released table of the Tabriz study (2026)',
    'Areas in mm2 as released by the study, summed over its slices of thick 2D FLAIR (pixels of 1 mm). On 15 patients with manual '
    'masks the intracranial area is reproduced within 1-2 %, but the ventricle areas are about a tenth (median 0.095, range '
    '0.08-0.15) and the WMH areas about a fifth (median 0.22, range 0.09-0.42) of the manual areas over the same slices, and no '
    'known slice or scale definition explains why. Compare these numbers only with each other: they are norms of this '
    'protocol, not of anatomy.',
    'study-code',
    'Bashiri M. MRI_MS_Insights (released cohort table), 2026. https://github.com/Mahdi-Bashiri/MRI_MS_Insights'
),
(
    'mscohort-demo-1',
    'Synthetic demonstration cohort',
    'Drawn at random from statistical models with the definitions of tabriz-2026-published. No real person is shown, and no '
    'number may be read as a finding.',
    'study-code',
    NULL
);
