-- From now on requests have other names. While there are some that were kept under names of before, each request is
-- looked for under both.
INSERT INTO setting (name, value)
SELECT 'earlier names', CASE WHEN EXISTS (SELECT 1 FROM request) THEN 1 ELSE 0 END;
