"""The one-page report of a person: content in a language, charts, PDF and HTML."""
