"""Parts of the Data page: import, versions."""
