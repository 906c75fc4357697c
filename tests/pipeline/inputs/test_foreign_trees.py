"""Trees full of images that are no FLAIR, laid out as in bids-examples and dcm_qa: not one of them is measured.

Only names and headers are theirs; every image is a made-up head, which no look at its pixels would refuse.
"""

import pytest

from pipeline.inputs.discovery import survey
from tests.pipeline.dicom_series import write_series
from tests.pipeline.small_scans import small_volume, write_small_scan

BIDS_EXAMPLES = {
    "7t_trt": "sub-01/ses-1/anat/sub-01_ses-1_T1w sub-01/ses-1/anat/sub-01_ses-1_T1map "
    "sub-01/ses-1/fmap/sub-01_ses-1_run-1_phasediff sub-01/ses-1/fmap/sub-01_ses-1_run-1_magnitude1 "
    "sub-01/ses-1/func/sub-01_ses-1_task-rest_acq-fullbrain_run-1_bold",
    "2d_mb_pcasl": "sub-1/anat/sub-1_T1w sub-1/fmap/sub-1_dir-AP_epi sub-1/perf/sub-1_asl sub-1/perf/sub-1_m0scan",
    "atlas-4S": "sub-01/ses-2mo/anat/sub-01_ses-2mo_space-MNIInfant+1_atlas-4S_scale-156_dseg "
    "sub-01/ses-2mo/anat/sub-01_ses-2mo_space-anat_desc-preproc_T1w "
    "sub-01/ses-2mo/func/sub-01_ses-2mo_task-rest_space-boldref_desc-preproc_bold",
    "atlas-AAL": "tpl-MNIColin27/anat/tpl-MNIColin27_atlas-AAL_res-1_dseg tpl-MNIColin27/anat/tpl-MNIColin27_res-1_T1w",
    "atlas-HarvardOxford": "tpl-MNI152NLin6Asym/anat/tpl-MNI152NLin6Asym_atlas-HarvardOxford_res-2_probseg",
    "atlas-sv2a": "tpl-MNI152/pet/tpl-MNI152_atlas-NRUSV2A2024_desc-BmaxMean_pet",
    "ds000001-spm": "sub-15/anat/sub-15_from-T1w_to-IXI549Space_mode-image_xfm "
    "sub-15/anat/sub-15_space-individual_desc-biascor_T1w sub-15/anat/sub-15_space-individual_desc-skullstripped "
    "sub-15/anat/sub-15_space-individual_label-CSF_probseg "
    "sub-15/func/sub-15_task-balloonanalogrisktask_run-01_space-IXI549Space_desc-smth_bold",
    "ds003": "sub-01/anat/sub-01_inplaneT2 sub-01/anat/sub-01_T1w sub-01/func/sub-01_task-rhymejudgment_bold",
    "ds114": "sub-01/ses-test/dwi/sub-01_ses-test_dwi sub-01/ses-test/anat/sub-01_ses-test_T1w",
    "ds000117": "sub-01/ses-mri/anat/sub-01_ses-mri_run-1_echo-1_FLASH "
    "sub-01/ses-mri/anat/sub-01_ses-mri_acq-mprage_T1w "
    "sub-01/ses-mri/func/sub-01_ses-mri_task-facerecognition_run-01_bold",
    "genetics_ukbb": "sub-1/anat/sub-1_T1w sub-1/dwi/sub-1_dwi sub-1/fmap/sub-1_phasediff",
    "pet001": "sub-01/ses-01/pet/sub-01_ses-01_pet sub-01/ses-01/anat/sub-01_ses-01_T1w",
    "mrs_2dmrsi": "sub-01/mrs/sub-01_mrsi sub-01/anat/sub-01_T1w",
    "qmri_mp2rage": "sub-1/anat/sub-1_inv-1_MP2RAGE sub-1/anat/sub-1_UNIT1 derivatives/x/sub-1/anat/sub-1_T1map",
    "qmri_irt1": "sub-1/anat/sub-1_inv-1_IRT1 sub-1/anat/sub-1_inv-2_IRT1",
    "qmri_megre": "sub-1/anat/sub-1_echo-1_MEGRE sub-1/anat/sub-1_echo-1_part-phase_MEGRE",
    "qmri_mese": "sub-1/anat/sub-1_echo-1_MESE",
    "qmri_mpm": "sub-1/anat/sub-1_echo-1_flip-1_mt-on_part-mag_MPM sub-1/fmap/sub-1_echo-1_flip-1_TB1EPI",
    "qmri_vfa": "sub-1/anat/sub-1_flip-1_VFA sub-1/fmap/sub-1_TB1map",
    "qmri_mtsat": "sub-1/anat/sub-1_flip-1_mt-on_MTS",
    "synthetic": "sub-01/ses-01/anat/sub-01_ses-01_T1w sub-01/ses-01/func/sub-01_ses-01_task-nback_run-01_bold",
    "volume_timing": "sub-01/func/sub-01_task-sparse_bold sub-01/func/sub-01_task-sparse_sbref",
    # Names that speak of FLAIR and are none: only the suffix says what an image of a BIDS dataset is.
    "derived from FLAIR": "sub-01/anat/sub-01_acq-FLAIR_T2w sub-01/anat/sub-01_space-FLAIR_T1w "
    "sub-01/anat/sub-01_mod-FLAIR_defacemask sub-01/anat/sub-01_space-FLAIR_desc-lesion_mask "
    "sub-01/anat/sub-01_space-FLAIR_label-WMH_probseg sub-01/anat/sub-01_from-T1w_to-FLAIR_mode-image_xfm "
    "sub-01/anat/sub-01_space-FLAIR_desc-aseg_dseg sub-01/dwi/sub-01_space-FLAIR_dwi",
}


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_no_image_of_bids_examples_is_measured(tmp_path, ending):
    n = 0
    for dataset, names in BIDS_EXAMPLES.items():
        for name in names.split():
            write_small_scan(tmp_path / dataset / f"{name}{ending}", n)
            n += 1
    found = survey([tmp_path])
    assert found.scans == []
    mentioned = {item.input for item in (*found.passed_over, *found.refused)}
    searched = [p for p in tmp_path.rglob(f"*{ending}") if "derivatives" not in p.parts]
    assert not [path for path in searched if str(path) not in mentioned], "nothing is left out without a word"


EPI = "EP\\GR"
DCM_QA = {
    # folder -> series description, scanning sequence, image type, echo and inversion time (ms)
    "dcm_qa/In/Orientation/ax/axasc35": ("ax asc 35", EPI, r"ORIGINAL\PRIMARY\M\ND\MOSAIC", 30, None),
    "dcm_qa/In/TotalReadoutTime/DCM/6_8_PF_NO_IPAT_0002": ("6/8 PF NO IPAT", EPI, r"ORIGINAL\PRIMARY\M\ND", 30, None),
    "dcm_qa_nih/In/20180918Si/mr_0003": ("EPI PE=AP", EPI, r"ORIGINAL\PRIMARY\M\ND\NORM\MOSAIC", 30, None),
    "dcm_qa_nih/In/20180918GE/mr_0007": (
        "Axial EPI-FMRI (Sequential)",
        EPI,
        r"ORIGINAL\PRIMARY\EPI\NONE",
        30,
        None,
    ),
    "ge/20180907/mr_0004": ("Axial 4 directions, 3 shells, pepolar=1", "EP\\SE", r"ORIGINAL\PRIMARY\OTHER", 85, None),
    "dcm_qa_ge/In/3D_Ax_T1_MP-RAGE_R22": ("3D Ax T1 MP-RAGE R22", "GR\\IR", r"ORIGINAL\PRIMARY\OTHER", 3, 450),
    "dcm_qa_ge/In/Ax_DWI_TENSOR_R1p5": ("Ax DWI TENSOR R1p5", "EP\\SE", r"DERIVED\PRIMARY\DIFFUSION", 80, None),
    "dcm_qa_ge/In/Ax_fMRI_HB3": ("Ax fMRI HB3 48sl int asc", EPI, r"ORIGINAL\PRIMARY\EPI\NONE", 30, None),
    "dcm_qa_ge/In/epiRT": ("epiRT_IntAsc_GD0", EPI, r"ORIGINAL\PRIMARY\OTHER", 25, None),
    "dcm_qa_mprage/In/1": ("T1_mprage_ns_sag_p2_iso", "GR\\IR", r"ORIGINAL\PRIMARY\M\ND\NORM", 3, 900),
    "dcm_qa_fmap/In/1": ("gre_field_mapping", "GR", r"ORIGINAL\PRIMARY\P\ND\PHASE", 7.4, None),
    "dcm_qa_philips_asl/In/1": ("SOURCE - pCASL", "GR", r"ORIGINAL\PRIMARY\PERFUSION\NONE", 11, None),
    "dcm_qa_philips_dwi/In/1": ("DTI_high_iso", "SE", r"ORIGINAL\PRIMARY\DIFFUSION\NONE", 70, None),
    "dcm_qa_toshiba/In/1": ("Field Map", "GR", r"ORIGINAL\PRIMARY", 4, None),
    "dcm_qa_decubitus/In/1": ("AAHead_Scout_64ch", "GR", r"ORIGINAL\PRIMARY\M\ND", 1.5, None),
    "dcm_qa_trt/In/1": ("cmrr_mbep2d_se", "EP", r"ORIGINAL\PRIMARY\M\ND\MOSAIC", 60, None),
    # The names that FLAIR is called by, on what is none.
    "spine/tirm": ("t2_tirm_sag", "SE\\IR", r"ORIGINAL\PRIMARY\M\ND", 60, 160),
    "t1/flair": ("Ax T1 FLAIR", "SE\\IR", r"ORIGINAL\PRIMARY\OTHER", 24, 800),
    "dwi/flair": ("ep2d_diff_flair", "EP\\SE", r"ORIGINAL\PRIMARY\DIFFUSION", 90, 2200),
    "loc/flair": ("localizer FLAIR", "GR", r"ORIGINAL\PRIMARY\LOCALIZER", 5, None),
    "adc/flair": ("FLAIR", "EP\\SE", r"DERIVED\PRIMARY\ADC", 90, None),
}


def test_no_series_of_dcm_qa_is_measured(tmp_path):
    pytest.importorskip("pydicom")
    for number, (folder, (description, sequence, kind, echo, inversion)) in enumerate(DCM_QA.items()):
        times = [(0x18, 0x81, b"DS", str(echo).encode())]
        times += [] if inversion is None else [(0x18, 0x82, b"DS", str(inversion).encode())]
        codes = [(8, 8, b"CS", kind.encode()), (0x18, 0x20, b"CS", sequence.encode())]
        write_series(tmp_path / folder, description, number + 1, number, more=[*codes, *times])
    write_series(tmp_path / "P7" / "flair", "t2_tirm_tra_dark-fluid", 99, 99, more=[(0x18, 0x82, b"DS", b"2500")])
    found = survey([tmp_path])
    assert [scan.path.name for scan in found.scans] == ["flair"], "the one FLAIR among them"
    mentioned = [item.input for item in (*found.passed_over, *found.refused)]
    assert len(mentioned) == len(DCM_QA)
    assert small_volume(0).shape[2] >= 3, "each is a volume that could be measured"
