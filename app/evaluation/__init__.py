"""What an evaluation answers and the files it leaves."""
