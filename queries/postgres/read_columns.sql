-- Which relations named like ours stand in schema public, and of what types are their columns?
-- params: names text[]
-- returns: relation text, kind text (r table, p partitioned, v view, …), column_name text, column_type text
SELECT
    relation.relname::text AS relation,
    relation.relkind::text AS kind,
    attribute.attname::text AS column_name,
    format_type(attribute.atttypid, NULL) AS column_type
FROM pg_class AS relation
LEFT JOIN pg_attribute AS attribute
    ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE relation.relnamespace = 'public'::regnamespace
    AND relation.relname = ANY ($1::text[])
ORDER BY relation.relname, attribute.attnum
