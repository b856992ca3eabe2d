-- What is announced, and who did what.

-- Deliveries to this destination that were ever given up. It only grows, so that a new death is seen whatever was replayed meanwhile.
alter table destinations add column died integer not null default 0;
-- When a service last asked for a wait of more than a day, which counts as a day.
alter table destinations add column wait_cut_at integer;

create table announcements (
  matter text primary key,
  at integer not null,
  -- Tells this time of the matter from the next: a count, or the moment it began.
  mark integer not null
) strict, without rowid;

-- Ids and codes, no text that a user wrote.
create table audit (
  id text primary key,
  at integer not null,
  by text not null,
  act text not null,
  detail text not null,
  count integer not null
) strict, without rowid;
