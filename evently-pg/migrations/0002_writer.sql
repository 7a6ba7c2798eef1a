-- Who made the last commit to an event; with the version it names that commit, also where a replica took over that had not
-- got an earlier one of the same version. From here on defined_in is a mark of the commit that wrote the definition.
ALTER TABLE evently.inventory ADD COLUMN writer uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
