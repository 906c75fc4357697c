# The released table as the R scripts beside this file use it. Reads MSCOHORT_REFERENCE/cohort.
table_path <- Sys.glob(file.path(Sys.getenv("MSCOHORT_REFERENCE"), "cohort", "*.csv"))[1]
if (is.na(table_path)) stop("set MSCOHORT_REFERENCE to the folder of the reference data")
released <- read.csv(table_path)
cohort <- data.frame(
  ms = as.integer(released$StudyGroup == "MS"),
  male = released$PatientSex,
  age = released$PatientAge,
  ica = released$TotalIntracranialArea,
  ventricle = released$TotalVentricleArea,
  wmh = released$TotalWMHArea,
  peri = released$TotalPeriArea,
  para = released$TotalParaArea,
  juxta = released$TotalJuxtArea
)
cohort$ventricle_ratio <- 100 * cohort$ventricle / cohort$ica
cohort$wmh_ratio <- 100 * cohort$wmh / cohort$ica
cohort$peri_share <- ifelse(cohort$wmh > 0, 100 * cohort$peri / cohort$wmh, NA)
cohort$log_ica <- log(cohort$ica)

show <- function(name, ...) cat(sprintf("%-44s %s\n", name, paste(sprintf("%.12g", c(...)), collapse = " ")))
cat(R.version.string, "\n")
