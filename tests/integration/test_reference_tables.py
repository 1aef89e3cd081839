"""The reference of the tables is what a provisioned database says of itself."""

from antennactl.ledger.connection import Database
from docs.reference_from_code.tables import read_tables

COLUMNS = """
SELECT
    format('%s.%s', class.relnamespace::regnamespace, class.relname) AS name,
    class.relkind = 'v' AS is_view,
    obj_description(class.oid, 'pg_class') AS comment,
    attribute.attname::text AS column_name,
    format_type(attribute.atttypid, attribute.atttypmod) AS column_type,
    col_description(class.oid, attribute.attnum) AS meaning
FROM pg_class AS class
JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE class.relnamespace IN ('public'::regnamespace, 'antennactl'::regnamespace) AND class.relkind IN ('r', 'p', 'v')
"""
KEYS = """
SELECT
    format('%s.%s', class.relnamespace::regnamespace, class.relname) AS name,
    array_to_string(ARRAY(
        SELECT attribute.attname FROM unnest(i.indkey::int[]) WITH ORDINALITY AS key (number, place)
        JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum = key.number
        ORDER BY key.place
    ), ', ') AS columns
FROM pg_index AS i
JOIN pg_class AS class ON class.oid = i.indrelid
WHERE i.indisunique AND class.relnamespace IN ('public'::regnamespace, 'antennactl'::regnamespace)
"""
SPELLINGS = {"timestamp with time zone": "timestamptz"}


def test_tables_columns_types_and_comments_are_those_of_the_database(postgres_dsn: str) -> None:
    with Database(postgres_dsn) as database, database.transaction() as tx:
        found = tx.query_text(COLUMNS).rows(named=True)
        keys = dict(tx.query_text(KEYS).iter_rows())
    tables = read_tables()
    assert {row["name"] for row in found} == set(tables)
    for row in found:
        one = tables[row["name"]]
        assert one.comment == row["comment"]
        assert one.meanings[row["column_name"]] == row["meaning"]
        if not row["is_view"]:
            assert one.columns[row["column_name"]] == SPELLINGS.get(row["column_type"], row["column_type"])
    written = {(row["name"], row["column_name"]) for row in found}
    assert {(one.name, column) for one in tables.values() for column in one.meanings} == written
    assert {one.name: ", ".join(one.key) for one in tables.values() if one.key} == keys
