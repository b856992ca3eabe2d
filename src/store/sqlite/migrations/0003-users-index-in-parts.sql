-- What intake asks about a user concerns the last hour and the last week, so the index by user is cut into parts in the order of acceptance:
-- a ticket touches a page among those of its own days, however long the history is. One index over all users cost each ticket a page
-- of its own: twice the CPU, and 4 kB of writes more.

drop index tickets_by_user;

alter table tickets add column part integer not null default 1;

create table ticket_parts (
  part integer primary key,
  first_number integer not null,
  -- Of its tickets, to the hour: a part is written when it begins, and once an hour.
  first_at integer not null,
  last_at integer not null
) strict;

create index ticket_parts_by_last on ticket_parts (last_at);

insert into ticket_parts (part, first_number, first_at, last_at)
select 1, min(number), min(created_at), max(created_at) from tickets having count(*) > 0;

-- The ordinal counts a user's tickets within the part.
create unique index tickets_by_user on tickets (part, username, user_ordinal, created_at, idempotency_key);
