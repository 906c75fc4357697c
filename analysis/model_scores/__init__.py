"""What a model's scores say: summaries, targets, agreement of measures."""
