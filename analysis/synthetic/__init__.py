"""The synthetic demonstration cohort and the models it is drawn from."""
