ALTER TABLE card DROP CONSTRAINT card_pkey, ADD PRIMARY KEY (merchant, ref);
