"""The cohort to take away: its tables, a dictionary of every column, and files that spreadsheets, R and pandas read."""
