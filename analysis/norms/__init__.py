"""Normative models: where one person lies among people of the same age and sex, and how sure that is."""
