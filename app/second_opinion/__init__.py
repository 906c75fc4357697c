"""The same tests by another program, in a process of its own."""
