# Expected values of tests/analysis/statistics/test_agreement.py. Run: Rscript tests/reference/agreement.R   (made with R 4.2.2; stats)
show <- function(name, ...) cat(sprintf("%-36s %s\n", name, paste(sprintf("%.10g", c(...)), collapse = " ")))
cat(R.version.string, "\n")

limits <- function(x, y) {
  d <- y - x; n <- length(d); s <- sd(d); z <- qnorm(.975)
  show("bias, low, high", mean(d), t.test(d)$conf.int)
  # The noncentral t quantile is inverted from its distribution function, which R documents more exactly.
  k <- function(p) uniroot(function(q) pt(q, n - 1, z * sqrt(n)) - p, c(-1, 100), tol = 1e-12)$root / sqrt(n)
  show("upper limit, low, high", mean(d) + z * s, mean(d) + k(.025) * s, mean(d) + k(.975) * s)
  show("lower limit, low, high", mean(d) - z * s, mean(d) - k(.975) * s, mean(d) - k(.025) * s)
  m <- lm(d ~ I((x + y) / 2))
  show("slope, low, high, p", coef(m)[2], confint(m)[2, ], summary(m)$coefficients[2, 4])
}
icc <- function(x, y) {
  n <- length(x); k <- 2
  long <- data.frame(v = c(x, y), who = factor(rep(1:n, 2)), how = factor(rep(1:2, each = n)))
  ms <- summary(aov(v ~ who + how, long))[[1]][["Mean Sq"]]; B <- ms[1]; J <- ms[2]; E <- ms[3]
  # McGraw and Wong 1996, table 4 and 7
  a <- (B - E) / (B + (k - 1) * E + k * (J - E) / n)
  c1 <- (B - E) / (B + (k - 1) * E)
  aa <- k * a / (n * (1 - a)); bb <- 1 + k * a * (n - 1) / (n * (1 - a))
  v <- (aa * J + bb * E)^2 / ((aa * J)^2 / (k - 1) + (bb * E)^2 / ((n - 1) * (k - 1)))
  fl <- qf(.975, n - 1, v); fu <- qf(.975, v, n - 1)
  show("ICC(2,1), low, high", a, n * (B - fl * E) / (fl * (k * J + (k * n - k - n) * E) + n * B),
       n * (fu * B - E) / (k * J + (k * n - k - n) * E + n * fu * B))
  f <- B / E; lo <- f / qf(.975, n - 1, (n - 1) * (k - 1)); hi <- f * qf(.975, (n - 1) * (k - 1), n - 1)
  show("ICC(3,1), low, high, F, p", c1, (lo - 1) / (lo + k - 1), (hi - 1) / (hi + k - 1), f,
       pf(f, n - 1, (n - 1) * (k - 1), lower.tail = FALSE))
}
cat("volumes of ten patients, mL\n")
x <- c(4.3, 3.2, 22.4, 23.0, 24.7, 16.0, 17.3, 14.5, 28.0, 16.1)
y <- c(5.7, 6.6, 15.0, 28.1, 15.8, 11.7, 16.3, 14.6, 26.3, 17.1)
limits(x, y); icc(x, y)
cat("Shrout and Fleiss 1979, judges 1 and 2\n")
x <- c(9, 6, 8, 7, 10, 6); y <- c(2, 1, 4, 1, 5, 2)
limits(x, y); icc(x, y)
