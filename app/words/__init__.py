"""The interface in other languages: English stands in the code, its translations in tables."""
