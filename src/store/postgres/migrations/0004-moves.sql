-- The folder that was moved into this database, or is being moved, and how far that has come: at most one row.
create table support.moves (
  -- Which folder, and what lay in it when it began: hashes.
  source text collate "C" primary key,
  state text collate "C" not null,
  begun_at bigint not null,
  -- How many rows arrived, and the last of them: its table, and its key as JSON.
  rows bigint not null default 0,
  place_table text collate "C",
  place_key text collate "C",
  -- Null: not all is here yet, so nothing may be delivered from here.
  done_at bigint
);
