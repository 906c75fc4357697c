"""Statistics of no particular field: effects, intervals, multiplicity, regression."""
