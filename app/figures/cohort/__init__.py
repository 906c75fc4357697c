"""Figures of people."""
