-- +goose Up

-- kept_until is until when a name that no node has any more is kept for its holder, whose
-- connection was cut; NULL if it is not.
ALTER TABLE names ADD COLUMN kept_until TIMESTAMPTZ;
CREATE INDEX names_kept ON names (kept_until) WHERE kept_until IS NOT NULL;
