"""The subcommands of `mscohort`, one file per family."""
