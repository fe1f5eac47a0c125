-- What is held on a card for bills to come, as it is stored with the card: few cards ever have a hold. hold_until is when
-- the first of them ends, 0 = there is none; the sweep finds by it what is over.
ALTER TABLE card ADD COLUMN holds text NOT NULL DEFAULT '';
ALTER TABLE card ADD COLUMN hold_until bigint NOT NULL DEFAULT 0;
CREATE INDEX card_hold_until ON card (merchant, hold_until{then ref}) WHERE hold_until <> 0;
