-- Mails that tell the writer that a ticket arrived: how many each address had within the hour, whoever wrote under it. Nothing is
-- written here for a ticket that has none.

create table acknowledgements (
  address text not null,
  at integer not null,
  ticket_number integer not null,
  primary key (address, at, ticket_number)
) strict, without rowid;

-- For removing what ran out.
create index acknowledgements_by_at on acknowledgements (at);

-- 1: nothing that happens later to the ticket goes there.
alter table deliveries add column only_created integer not null default 0;
