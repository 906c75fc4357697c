"""What the synthetic cohort is drawn from: who took part, and the models fitted to the released table.

Only counts and fitted coefficients are kept here, no individual value. Controls' ventricles and lesion load are the
study's best normative models (Box-Cox t; zero-adjusted gamma); the rest was fitted to the released table by maximum
likelihood with ``tests/reference/fit_demo_models.py`` on 2026-11-21. z is (age - 35) / 10, male is 1 for men; the load
is scaled to an intracranial area of 111,000 mm²; "log load" is log(WMH area / 100 mm²). Estimate (standard error):

=====================================  ====================================  ====================================
model                                  HC (n = 991)                          MS (n = 380)
=====================================  ====================================  ====================================
ventricle ratio %: log mu, constant    -0.8788 (.0157)                       -1.0426 (.0210)
... z                                  0.0993 (.0122)                        0.1269 (.0175)
... male                               -0.0583 (.0267)                       0.1338 (.0392)
... log sigma; nu                      -1.0020 (.0381); 0.4233 (.0748)       -1.2606 (.0667); -0.0118 (.1573)
... log tau                            2.2274 (.2778)                        1.2773 (.2013)
WMH area, if any: log mean, constant   2.8478 (.0429)                        5.5907 (.0787)
... z                                  not needed                            0.3221 (.0817)
... male                               0.6017 (.0715)                        not needed
... log sigma                          -0.0114 (.0279)                       0.3634 (.0428)
no lesion: logit, constant             -1.4295 (.0986)                       -3.1024 (.2744)
... z                                  0.2355 (.0860)                        -0.8249 (.2807)
... male                               -1.0296 (.2276)                       not needed
para-, juxtacortical if WMH > 2 mm²    .0410 (.0072), .0264 (.0058)
... mean area if any, in 2 mm² steps   1.403 (.130), 1.375 (.196)
zone present, logit: peri              takes what is left                    5.011 (.653) + 1.549 (.231) log load
... para                                                                     2.678 (.261) + 1.014 (.127) log load
... juxta                                                                    2.972 (.300) + 1.197 (.141) log load
log(para / peri): constant                                                   -0.966 (.089)
... log load; z                                                              -0.076 (.062); -0.163 (.083)
log(juxta / peri): constant                                                  -0.942 (.079)
... log load; z                                                              -0.412 (.056); -0.087 (.074)
... variances; covariance                                                    1.688 (.143), 1.347 (.114); 0.650 (.098)
normal scores r: head and ventricles   .038 (.032)                           .224 (.049)
... head and load                      -.119 (.031)                          .052 (.051)
... ventricles and load                -.071 (.032)                          .360 (.045)
=====================================  ====================================  ====================================

Intracranial area (mm²), women: mean 107,540 (255), SD 7,845 (180); men: 119,630 (432), SD 9,004 (306); normal, the
same in both groups, unrelated to age. Within an age band, whole years are weighted by a normal curve: HC mean 24.9
(3.0), SD 14.8 (1.6), up to 74; MS 35.9 (3.1), SD 13.4 (2.0), up to 68; with the bands' counts this gives the released
ages: HC 34.7 +/- 10.2 years, MS 37.4 +/- 10.2.

References
----------
Released table and counts: Bashiri et al., MRI_MS_Insights (MIT licence), github.com/Mahdi-Bashiri/MRI_MS_Insights.
Box-Cox t: Rigby and Stasinopoulos 2006, doi:10.1191/1471082X06st122oa. Zero-adjusted gamma: Rigby et al. 2019,
doi:10.1201/9780429298547. Log-ratios of a composition: Aitchison 1982, doi:10.1111/j.2517-6161.1982.tb01195.x.
"""

from dataclasses import dataclass

# Counts of the released table by age band in completed years; None: age missing. 999 controls, 381 patients.
BANDS = (None, (18, 29), (30, 39), (40, 49), (50, 59), (60, 74))
PEOPLE = {
    ("HC", "F"): (5, 205, 264, 144, 48, 7),
    ("HC", "M"): (3, 109, 107, 77, 24, 6),
    ("MS", "F"): (1, 61, 100, 74, 33, 4),
    ("MS", "M"): (0, 29, 37, 29, 12, 1),
}
N_PEOPLE = 1380


@dataclass(frozen=True)
class GroupModel:
    """Everything that differs between the groups; coefficients in the order (1, z, male) unless said otherwise."""

    age_mean: float
    age_sd: float
    age_range: tuple[int, int]
    ventricle_log_mu: tuple[float, float, float]
    ventricle_log_sigma: float
    ventricle_nu: float
    ventricle_log_tau: float
    load_log_mean: tuple[float, float, float]
    load_log_sigma: float
    no_lesion_logit: tuple[float, float, float]
    # Normal-score correlations: head and ventricles, head and load, ventricles and load.
    dependence: tuple[float, float, float]


HEAD = {"F": (107_540.0, 7_845.0), "M": (119_630.0, 9_004.0)}
"""Mean and SD of the intracranial area, mm²."""

HEAD_OF_LOAD = 111_000.0
"""Intracranial area that the load model's mean refers to, mm²."""

MODELS = {
    "HC": GroupModel(
        age_mean=24.87,
        age_sd=14.78,
        age_range=(18, 74),
        ventricle_log_mu=(-0.8788, 0.0993, -0.0583),
        ventricle_log_sigma=-1.0020,
        ventricle_nu=0.4233,
        ventricle_log_tau=2.2274,
        load_log_mean=(2.8478, 0.0, 0.6017),
        load_log_sigma=-0.0114,
        no_lesion_logit=(-1.4295, 0.2355, -1.0296),
        dependence=(0.038, -0.119, -0.071),
    ),
    "MS": GroupModel(
        age_mean=35.87,
        age_sd=13.45,
        age_range=(18, 68),
        ventricle_log_mu=(-1.0426, 0.1269, 0.1338),
        ventricle_log_sigma=-1.2606,
        ventricle_nu=-0.0118,
        ventricle_log_tau=1.2773,
        load_log_mean=(5.5907, 0.3221, 0.0),
        load_log_sigma=0.3634,
        no_lesion_logit=(-3.1024, -0.8249, 0.0),
        dependence=(0.224, 0.052, 0.360),
    ),
}

CONTROL_ZONE_RATE = (0.0410, 0.0264)
"""Probability that a control with more than 2 mm² has para-, juxtacortical lesions."""

CONTROL_ZONE_STEPS = (1.403, 1.375)
"""Mean para-, juxtacortical area of such a control, in steps of 2 mm² (geometric)."""

ZONE_PRESENT_LOGIT = ((5.011, 1.549), (2.678, 1.014), (2.972, 1.197))
"""MS: periventricular, paraventricular, juxtacortical; each (1, log load)."""

ZONE_LOG_RATIO = ((-0.966, -0.076, -0.163), (-0.942, -0.412, -0.087))
"""MS: para and juxta relative to peri; each (1, log load, z)."""

ZONE_LOG_RATIO_COVARIANCE = ((1.688, 0.650), (0.650, 1.347))
