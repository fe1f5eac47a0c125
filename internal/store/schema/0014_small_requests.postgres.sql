ALTER TABLE request RENAME CONSTRAINT request_small_pkey TO request_pkey;
