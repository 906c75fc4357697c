# Expected values of tests/analysis/test_strata.py, test_overview.py and test_composition.py.
# Run: MSCOHORT_REFERENCE=... Rscript tests/reference/strata.R   (made with R 4.2.2; package stats)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "cohort.R"))

cell <- function(ms, male, low, high) {
  keep <- cohort$ms == ms & cohort$male == male & !is.na(cohort$age) & cohort$age >= low & cohort$age < high
  cohort[keep, ]
}
for (who in list(c(0, 0, 30, 40), c(1, 1, 40, 50), c(1, 0, 60, 200))) {
  v <- cell(who[1], who[2], who[3], who[4])$wmh
  show(paste("wmh: n mean sd median q1 q3 zeros,", paste(who, collapse = " ")),
       length(v), mean(v), sd(v), median(v), quantile(v, c(.25, .75)), sum(v == 0))
}

# Hettmansperger and Sheather 1986: interval of a median, interpolated between order statistics.
hs <- function(v) {
  v <- sort(v); n <- length(v); k <- qbinom(.025, n, .5); if (pbinom(k - 1, n, .5) > .025) k <- k - 1
  g <- 1 - 2 * pbinom(c(k - 1, k), n, .5); i <- (g[1] - .95) / (g[1] - g[2])
  w <- (n - k) * i / (k + (n - 2 * k) * i)
  c((1 - w) * v[k] + w * v[k + 1], (1 - w) * v[n + 1 - k] + w * v[n - k])
}
show("median low high of 2^0 to 2^5, 2^0 to 2^12", hs(2^(0:5)), hs(2^(0:12)))
show("median wmh low high, MS men 40-49", hs(cell(1, 1, 40, 50)$wmh))
# Student's interval on the logarithm of the mean.
v <- cell(1, 0, 30, 40)$wmh; reach <- qt(.975, length(v) - 1) * sd(v) / sqrt(length(v)) / mean(v)
show("mean wmh low high, MS women 30-39", mean(v), mean(v) * exp(c(-reach, reach)))
for (g in 0:1) {
  zero <- sum(cohort$wmh[cohort$ms == g] == 0)
  show(paste("lesion-free n wilson low high, ms =", g), zero, prop.test(zero, sum(cohort$ms == g), correct = FALSE)$conf.int)
}

# Zone composition: centred log-ratios with zeros replaced by .65 mm2, and MANOVA of two balances.
clr <- function(areas) {
  total <- rowSums(areas); part <- areas / total; replaced <- pmin(.65 / total, 1 / 3); zero <- areas == 0
  part <- ifelse(zero, replaced, part * (1 - rowSums(zero) * replaced)); log(part) - rowMeans(log(part))
}
positive <- cohort[cohort$wmh > 0, ]
logs <- clr(as.matrix(positive[positive$ms == 1, c("peri", "para", "juxta")]))
centre <- exp(colMeans(logs)); p <- centre / sum(centre); show("centre MS, % of peri para juxta", 100 * p)
for (i in 1:3) {
  odds <- logs[, i] - logs[, -i] %*% p[-i] / sum(p[-i]); n <- nrow(logs)
  show(paste("centre MS low high, part", i), 100 * plogis(qlogis(p[i]) + c(-1, 1) * qt(.975, n - 1) * sd(odds) / sqrt(n)))
}
aged <- positive[!is.na(positive$age) & positive$ms == 1, ]
logs <- clr(as.matrix(aged[, c("peri", "para", "juxta")]))
balances <- cbind(sqrt(2 / 3) * logs[, 1] - sqrt(1 / 6) * (logs[, 2] + logs[, 3]), sqrt(1 / 2) * (logs[, 2] - logs[, 3]))
sex <- summary(manova(balances ~ age + male, aged), test = "Pillai")$stats["male", 2:6]
age <- summary(manova(balances ~ male + age, aged), test = "Pillai")$stats["age", 2:6]
show("manova MS, sex: pillai F df1 df2 p", sex)
show("manova MS, age: pillai F df1 df2 p", age)
