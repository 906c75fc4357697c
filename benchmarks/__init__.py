"""How fast it is: measured on this machine, against the promised limits. `make bench`."""
