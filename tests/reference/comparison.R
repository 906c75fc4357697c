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
  se <- 2 * sqrt(var(px) / length(x) + var(py) / length(y)) / (1 - r^2)
  c(r, tanh(atanh(r) + qnorm(c(.025, .975)) * se))
}
cohen <- function(x, y) {
  n1 <- length(x); n2 <- length(y); df <- n1 + n2 - 2
  d <- (mean(x) - mean(y)) / sqrt(((n1 - 1) * var(x) + (n2 - 1) * var(y)) / df)
  unit <- sqrt(1 / n1 + 1 / n2); t <- d / unit
  limit <- function(p) uniroot(function(nc) pt(t, df, nc) - p, t + c(-6, 6), tol = 1e-12)$root * unit
  c(d, limit(.975), limit(.025))
}
shift <- function(x, y) {
  d <- sort(outer(x, y, "-")); n1 <- length(x); n2 <- length(y)
  k <- floor(n1 * n2 / 2 - qnorm(.975) * sqrt(n1 * n2 * (n1 + n2 + 1) / 12))
  c(median(d), d[k], d[n1 * n2 + 1 - k])
}
show("cohen_d by hand, low high", cohen(c(2, 3, 4), c(1, 2, 3)))
for (name in c("wmh", "wmh_ratio", "ventricle_ratio", "peri_share")) {
  x <- na.omit(cohort[cohort$ms == 1, name]); y <- na.omit(cohort[cohort$ms == 0, name])
  w <- wilcox.test(x, y, exact = FALSE); t <- t.test(x, y)
  show(paste(name, "mann_whitney U p"), w$statistic, w$p.value)
  show(paste(name, "rank_biserial low high"), delong(x, y))
  show(paste(name, "welch t df p"), t$statistic, t$parameter, t$p.value)
  show(paste(name, "cohen_d low high"), cohen(x, y))
  show(paste(name, "hodges_lehmann low high"), shift(x, y))
}

# Robust covariance by hand: HC3 for linear models, n / (n - p) sandwich for the others.
ms_row <- function(m, robust = TRUE) {
  X <- model.matrix(m); b <- coef(m)[["ms"]]; df <- m$df.residual
  if (inherits(m, "glm")) {
    w <- m$weights; score <- X * (residuals(m, "working") * w); bread <- solve(crossprod(X, X * w))
    V <- nrow(X) / df * bread %*% crossprod(score) %*% bread
  } else {
    V <- solve(crossprod(X)) %*% crossprod(X * (residuals(m) / (1 - hatvalues(m)))) %*% solve(crossprod(X))
  }
  se <- if (robust) sqrt(diag(V))[["ms"]] else summary(m)$coefficients["ms", 2]
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
  m <- lm(y ~ s, frame); X <- model.matrix(m); row <- c(1, predict(basis, age)); df <- m$df.residual
  S <- solve(crossprod(X)) %*% crossprod(X * (residuals(m) / (1 - hatvalues(m)))) %*% solve(crossprod(X))
  b <- sum(row * coef(m)); half <- qt(.975, df) * sqrt(c(t(row) %*% S %*% row))
  show(paste("trend ventricle ratio, MS, age", age), exp(c(b, b - half, b + half)))
  g <- glm(y ~ s, quasipoisson, data.frame(y = patients$wmh_ratio, s = I(basis)), control = tight)
  X <- model.matrix(g); w <- g$weights; bread <- solve(crossprod(X, X * w))
  score <- X * (residuals(g, "working") * w)
  S <- nrow(X) / df * bread %*% crossprod(score) %*% bread
  b <- sum(row * coef(g)); half <- qt(.975, df) * sqrt(c(t(row) %*% S %*% row))
  show(paste("trend wmh ratio, MS, age", age), exp(c(b, b - half, b + half)))
}
slope <- glm(wmh_ratio ~ male + I(age / 10), quasipoisson, patients, control = tight)
X <- model.matrix(slope); w <- slope$weights; bread <- solve(crossprod(X, X * w))
score <- X * (residuals(slope, "working") * w)
S <- nrow(X) / slope$df.residual * bread %*% crossprod(score) %*% bread
b <- coef(slope)[[3]]; se <- sqrt(S[3, 3]); q <- qt(.975, slope$df.residual)
show("slope wmh ratio, MS: ratio low high p", exp(c(b, b - q * se, b + q * se)), 2 * pt(-abs(b / se), slope$df.residual))
