-- +goose Up

-- What a page shows of the text, and the version of the renderer that made it: a row
-- of another version is rendered again whenever it is read. 0 is none.
ALTER TABLE messages ADD COLUMN html TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN html_version INTEGER NOT NULL DEFAULT 0;
