# Expected values of tests/analysis/test_comparison.py, test_effects.py and test_regression.py.
# Run: MSCOHORT_REFERENCE=... Rscript tests/reference/comparison.R   (made with R 4.2.2; packages splines, stats)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "cohort.R"))
library(splines)

delong <- function(x, y) {
  # x: MS, y: HC; placements with ties counted half (DeLong 1988), interval on Fisher's z of 2 AUC - 1
  px <- sapply(x, function(v) mean((y < v) + (y == v) / 2))
  py <- sapply(y, function(v) mean((x < v) + (x == v) / 2))
  r <- 2 * mean(px) - 1
  e <- c(var(px) / length(x), var(py) / length(y))
  c(r, tanh(atanh(r) + c(-1, 1) * welch_t(e, length(x), length(y)) * 2 * sqrt(sum(e)) / (1 - r^2)))
}
welch_t <- function(e, n1, n2) if (sum(e) > 0) qt(.975, sum(e)^2 / (e[1]^2 / (n1 - 1) + e[2]^2 / (n2 - 1))) else 1.96
cohen <- function(x, y) {
  n1 <- length(x); n2 <- length(y); df <- n1 + n2 - 2
  s <- sqrt(((n1 - 1) * var(x) + (n2 - 1) * var(y)) / df)
  d <- (mean(x) - mean(y)) / s
  # what every person contributes to d; no normal values, no equal spreads
  ix <- (x - mean(x)) / s - d * (n1 - 1) / df * (x - mean(x))^2 / (2 * s^2)
  iy <- -(y - mean(y)) / s - d * (n2 - 1) / df * (y - mean(y))^2 / (2 * s^2)
  e <- c(var(ix) / n1, var(iy) / n2)
  c(d, d + c(-1, 1) * welch_t(e, n1, n2) * sqrt(sum(e)))
}
shift <- function(x, y) {
  # all shifts that the placement test (Brunner and Munzel) keeps at 5 %, found between the ordered differences
  d <- sort(unique(as.vector(outer(x, y, "-")))); n1 <- length(x); n2 <- length(y)
  keeps <- function(t) {
    px <- rank(c(x - t, y))[1:n1] - rank(x - t); py <- rank(c(y, x - t))[1:n2] - rank(y)
    px <- px / n2; py <- py / n1; e <- c(var(px) / n1, var(py) / n2)
    abs(mean(px) - .5) <= welch_t(e, n1, n2) * sqrt(sum(e))
  }
  middle <- median(outer(x, y, "-")); between <- (head(d, -1) + tail(d, -1)) / 2
  last <- function(inside, outside) {
    while (abs(outside - inside) > 1) {
      m <- (inside + outside) %/% 2
      if (keeps(between[m])) inside <- m else outside <- m
    }
    inside
  }
  start <- findInterval(middle, between)
  c(middle, d[last(start, 0)], d[last(start, length(d)) + 1])
}
show("cohen_d of ten each, low high", cohen(c(2, 3, 4, 4, 5, 6, 7, 7, 9, 12), c(1, 2, 3, 3, 3, 4, 5, 5, 6, 7)))
for (name in c("wmh", "wmh_ratio", "ventricle_ratio", "peri_share")) {
  x <- na.omit(cohort[cohort$ms == 1, name]); y <- na.omit(cohort[cohort$ms == 0, name])
  w <- wilcox.test(x, y, exact = FALSE); t <- t.test(x, y)
  show(paste(name, "mann_whitney U p"), w$statistic, w$p.value)
  show(paste(name, "rank_biserial low high"), delong(x, y))
  show(paste(name, "welch t df p"), t$statistic, t$parameter, t$p.value)
  show(paste(name, "cohen_d low high"), cohen(x, y))
  show(paste(name, "hodges_lehmann low high"), shift(x, y))
}

# Robust covariance by hand: HC3, for the generalised models with the leverage of the last weighted fit.
hc3 <- function(m) {
  X <- model.matrix(m)
  if (inherits(m, "glm")) {
    w <- m$weights; bread <- solve(crossprod(X, X * w))
    bread %*% crossprod(X * (residuals(m, "working") * w / (1 - hatvalues(m)))) %*% bread
  } else {
    solve(crossprod(X)) %*% crossprod(X * (residuals(m) / (1 - hatvalues(m)))) %*% solve(crossprod(X))
  }
}
ms_row <- function(m, robust = TRUE, term = "ms") {
  b <- coef(m)[[term]]; df <- m$df.residual
  se <- if (robust) sqrt(diag(hc3(m)))[[term]] else summary(m)$coefficients[term, 2]
  q <- if (robust) qt(.975, df) else qnorm(.975)
  p <- if (robust) 2 * pt(-abs(b / se), df) else 2 * pnorm(-abs(b / se))
  c(b, b - q * se, b + q * se, b / se, p)
}
ratio <- function(row) c(exp(row[1:3]), row[4:5])
aged <- cohort[!is.na(cohort$age), ]; positive <- aged[aged$wmh > 0, ]
tight <- glm.control(epsilon = 1e-14, maxit = 100)
show("wmh per ICA, quasi-Poisson: ratio low high t p",
     ratio(ms_row(glm(I(wmh / ica) ~ ms + ns(age, 4) + male + log_ica, quasipoisson, aged, control = tight))))
show("any wmh, logit: odds ratio low high z p",
     ratio(ms_row(glm(I(wmh > 0) ~ ms + ns(age, 4) + male + log_ica, binomial, aged, control = tight), FALSE)))
show("log wmh, positive: ratio low high t p",
     ratio(ms_row(lm(log(wmh) ~ ms + ns(age, 4) + male + log_ica, positive))))
show("log ventricle ratio: ratio low high t p",
     ratio(ms_row(lm(log(ventricle_ratio) ~ ms + ns(age, 4) + male + log_ica, aged))))
show("log ica: ratio low high t p", ratio(ms_row(lm(log_ica ~ ms + ns(age, 4) + male, aged))))
show("peri share, positive: difference low high t p", ms_row(lm(peri_share ~ ms + ns(age, 4) + male, positive)))
show("wmh per ICA, varies with age: ratio low high t p", ratio(ms_row(
     glm(I(wmh / ica) ~ ms + ns(age, 4) + male + log_ica + I(ms * (age - 40) / 10), quasipoisson, aged, control = tight),
     term = "I(ms * (age - 40)/10)")))
show("wmh per ICA, varies with sex: ratio low high t p", ratio(ms_row(
     glm(I(wmh / ica) ~ ms + ns(age, 4) + male + log_ica + I(ms * male), quasipoisson, aged, control = tight),
     term = "I(ms * male)")))
show("log ventricle ratio, varies with sex: ratio low high t p", ratio(ms_row(
     lm(log(ventricle_ratio) ~ ms + ns(age, 4) + male + log_ica + I(ms * male), aged), term = "I(ms * male)")))
m <- glm(I(wmh / ica) ~ ms + ns(age, 4) + male + log_ica + I(ms * (age - 40) / 10), quasipoisson, aged, control = tight)
for (age in c(22, 37, 55)) {
  row <- c(0, 1, rep(0, 6), (age - 40) / 10); b <- sum(row * coef(m))
  half <- qt(.975, m$df.residual) * sqrt(c(t(row) %*% hc3(m) %*% row))
  show(paste("wmh per ICA, ratio at age", age), exp(c(b, b - half, b + half)))
}
show("linear, own errors: b low high t p", ms_row(lm(log(ventricle_ratio) ~ ms + age + male, aged), FALSE))
show("fractional logit at 30, 50", predict(glm(I(peri_share / 100) ~ ns(age, 3), quasibinomial,
     positive[positive$ms == 1, ], control = tight), data.frame(age = c(30, 50)), type = "response"))
for (g in 0:1) {
  show(paste("shapiro ventricle ratio W p, ms =", g), unlist(shapiro.test(cohort$ventricle_ratio[cohort$ms == g])[1:2]))
}

# Trends: geometric mean (ventricle ratio) and mean (WMH ratio) of MS at the ends, and the slope per decade.
patients <- aged[aged$ms == 1, ]
youngest <- min(patients$age); oldest <- max(patients$age)
show("trend ms ages", youngest, oldest)
for (age in c(youngest, oldest)) {
  basis <- ns(patients$age, 3)
  frame <- data.frame(y = log(patients$ventricle_ratio), s = I(basis))
  m <- lm(y ~ s, frame); row <- c(1, predict(basis, age)); df <- m$df.residual; S <- hc3(m)
  b <- sum(row * coef(m)); half <- qt(.975, df) * sqrt(c(t(row) %*% S %*% row))
  show(paste("trend ventricle ratio, MS, age", age), exp(c(b, b - half, b + half)))
  g <- glm(y ~ s, quasipoisson, data.frame(y = patients$wmh_ratio, s = I(basis)), control = tight)
  S <- hc3(g)
  b <- sum(row * coef(g)); half <- qt(.975, df) * sqrt(c(t(row) %*% S %*% row))
  show(paste("trend wmh ratio, MS, age", age), exp(c(b, b - half, b + half)))
}
slope <- glm(wmh_ratio ~ male + I(age / 10), quasipoisson, patients, control = tight)
S <- hc3(slope)
b <- coef(slope)[[3]]; se <- sqrt(S[3, 3]); q <- qt(.975, slope$df.residual)
show("slope wmh ratio, MS: ratio low high p", exp(c(b, b - q * se, b + q * se)), 2 * pt(-abs(b / se), slope$df.residual))
