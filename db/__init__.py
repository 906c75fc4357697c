"""The cohort store: schema, migrations, import, publishing, queries."""
