"""Pure answers: DataFrame in, DataFrame out."""
