"""What all rooms share: measures, people, identifiers, the run contract, files, messages. Imports nothing of ours."""
