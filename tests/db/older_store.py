"""A store as the second version of the schema left it, every table filled."""

import duckdb

from db.sql_files import statements
from db.store import Store

OLD_ROWS = """
INSERT INTO dataset VALUES ('old', 'Old', false, 'cite', 'MIT', repeat('0', 64));
INSERT INTO run VALUES ('r', 'import', 'old', 'mscohort-demo-1', 'f.csv', 'h', '{}', '0.1', now()::TIMESTAMP,
now()::TIMESTAMP, 3, 1);
INSERT INTO rejection VALUES ('r', 'f.csv', 5, 'sex', 'unknown');
INSERT INTO model VALUES ('m', 'unet', repeat('a', 64), 5, 'd', 'MIT');
INSERT INTO subject SELECT 'old', 'p' || i, 'HC', 'F', nullif(30 + i, 32) FROM range(3) AS t (i);
INSERT INTO scan SELECT 'old/p' || i, 'old', 'p' || i, NULL, 'f.nii', NULL, 20, 1, 1, 6 FROM range(3) AS t (i);
INSERT INTO measure
SELECT 'old/p' || i, 'mscohort-demo-1', 'r', 'm', 'study-code', 1000, 50, 14 + i, 10 + i, 4, 0, .3, .1, .1, .1, 0, 2
FROM range(3) AS t (i);
INSERT INTO missing_value VALUES ('old/p2', 'mscohort-demo-1', 'age_years', 'not given');
INSERT INTO lesion VALUES
('old/p0', 'mscohort-demo-1', 1, 'periventricular', 'frontal', 10, .06, 1, 2, 3, 4, 5),
('old/p0', 'mscohort-demo-1', 2, 'paraventricular', NULL, 4, .02, NULL, NULL, 3, 4, 5);
INSERT INTO region_load VALUES ('old/p0', 'mscohort-demo-1', 'frontal', 10, .06, 1);
INSERT INTO model_score VALUES ('m', 's1', 'cv5', 'wmh', .8, NULL, .7, 4, .6, 10, 11, 'nothing was found');
"""


def fill_older_store(store: Store) -> Store:
    """Fill an empty store and return it; this software has to bring it up to date before it can read it."""
    folder = store.root / "versions"
    folder.mkdir(parents=True)
    with duckdb.connect(folder / "cohort-000001.duckdb") as connection:
        connection.execute("CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL)")
        for number, name in enumerate(("0001_cohort", "0002_known_protocols"), 1):
            connection.execute(statements("migrations")[name])
            connection.execute("INSERT INTO schema_version VALUES ($number, $name)", {"number": number, "name": name})
        for statement in connection.extract_statements(OLD_ROWS):
            connection.execute(statement)
    (store.root / "CURRENT").write_text("cohort-000001.duckdb\n")
    return store
