-- How often a key may ask, as JSON, if not as often as keys of its kind.
ALTER TABLE api_keys ADD COLUMN rate_limit TEXT;
