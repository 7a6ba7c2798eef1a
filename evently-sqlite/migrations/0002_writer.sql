-- Who made the last commit to an event; with the version it names that commit.
ALTER TABLE inventory ADD COLUMN writer BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
