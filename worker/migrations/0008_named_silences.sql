-- Which silence withheld a delivery.
--   silence_id  of the silence that held; null where another reason did, or nothing was withheld
ALTER TABLE deliveries ADD COLUMN silence_id TEXT;
