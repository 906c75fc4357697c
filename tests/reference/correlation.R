# Expected values of tests/analysis/test_correlation.py and test_multiplicity.py.
# Run: MSCOHORT_REFERENCE=... Rscript tests/reference/correlation.R   (made with R 4.2.2; package stats)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "cohort.R"))

aged <- cohort[!is.na(cohort$age), ]
for (g in 0:1) {
  d <- aged[aged$ms == g, ]
  s <- cor.test(d$age, d$ventricle_ratio, method = "spearman", exact = FALSE)
  p <- cor.test(d$age, d$ventricle_ratio)
  # Bonett and Wright 2000
  half <- qnorm(.975) * sqrt((1 + s$estimate^2 / 2) / (nrow(d) - 3))
  show(paste("spearman age ventricle r low high p n, ms =", g),
       s$estimate, tanh(atanh(s$estimate) + c(-half, half)), s$p.value, nrow(d))
  show(paste("pearson age ventricle r low high p, ms =", g), p$estimate, p$conf.int, p$p.value)
  # partial: ventricle and WMH ratio, age and sex held fixed
  held <- cbind(rank(d$age), d$male)
  a <- residuals(lm(rank(d$ventricle_ratio) ~ held)); b <- residuals(lm(rank(d$wmh_ratio) ~ held))
  r <- cor(a, b); df <- nrow(d) - 4
  show(paste("partial spearman ventricle wmh r p, ms =", g), r, 2 * pt(-abs(r) * sqrt(df / (1 - r^2)), df))
  a <- residuals(lm(d$ventricle_ratio ~ d$age + d$male)); b <- residuals(lm(d$wmh_ratio ~ d$age + d$male))
  show(paste("partial pearson ventricle wmh r, ms =", g), cor(a, b))
  show(paste("spearman sex wmh r, ms =", g), cor(cohort$male[cohort$ms == g], cohort$wmh_ratio[cohort$ms == g], method = "spearman"))
}
gap <- function(r, n, factor) {
  se <- sqrt(sum(factor / (n - 3))); z <- (atanh(r[2]) - atanh(r[1])) / se
  half <- qnorm(.975) * sqrt(factor / (n - 3))
  low <- tanh(atanh(r) - half); high <- tanh(atanh(r) + half); d <- r[2] - r[1]
  c(d, d - sqrt((r[2] - low[2])^2 + (high[1] - r[1])^2), d + sqrt((high[2] - r[2])^2 + (r[1] - low[1])^2),
    z, 2 * pnorm(-abs(z)))
}
n <- c(sum(aged$ms == 0), sum(aged$ms == 1))
by_group <- function(method) sapply(0:1, function(g) with(aged[aged$ms == g, ], cor(age, ventricle_ratio, method = method)))
show("difference spearman: d low high z p", gap(by_group("spearman"), n, 1 + by_group("spearman")^2 / 2))

p <- c(.0001, .03, NA, .02, .5, .02, .9)
show("holm", p.adjust(p, "holm"))
show("BH", p.adjust(p, "BH"))
