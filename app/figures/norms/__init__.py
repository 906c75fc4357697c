"""Figures of the norms: charts by age, one person on them, how good the models are."""
