-- Tickets, their timeline, and the outbox.
--
-- Cost follows the pages a ticket touches, so: tickets are keyed by their number (the reference is computed from it), events
-- and deliveries by the ticket's number, so that what belongs together lies together and "deliveries of a ticket" or "an
-- earlier event of this ticket" needs no index; the created event keeps no second copy of the message.

create table meta (
  key text primary key,
  value blob not null
) strict, without rowid;

create table tickets (
  number integer primary key,
  id blob not null,
  created_at integer not null,
  username text not null,
  -- The user's first, second, third … ticket: the limit looks up the tenth-newest by it, whatever the clock did.
  user_ordinal integer not null,
  status text not null,
  type text,
  subject text not null,
  message text not null,
  user text not null,
  project text,
  projects text,
  technical text not null,
  context text,
  -- Null once they ran out: 7 days after the ticket.
  idempotency_key text,
  fingerprint blob
) strict;

create unique index tickets_by_id on tickets (id);
-- Everything that intake asks about a user lies together: how many tickets, when the tenth-newest was, and which keys. A table of
-- keys in an order of its own cost 9 kB of writes for each ticket, half of all.
create unique index tickets_by_user on tickets (username, user_ordinal, created_at, idempotency_key);

create table events (
  ticket_number integer not null,
  event_number integer not null,
  kind text not null,
  at integer not null,
  -- Null in a created event: by the writer, with the ticket's message.
  by text,
  message text,
  internal integer not null default 0,
  status text,
  primary key (ticket_number, event_number)
) strict, without rowid;

create table deliveries (
  ticket_number integer not null,
  destination text not null,
  event_number integer not null,
  state text not null default 'PENDING',
  next_attempt_at integer not null,
  reason text,
  attempts integer not null default 0,
  level integer not null default 0,
  step integer not null default 0,
  backoff_ms integer not null default 0,
  spent_ms integer not null default 0,
  attempted_at integer,
  unclear_count integer not null default 0,
  unclear_mark integer not null default 0,
  unavailable_count integer not null default 0,
  unavailable_mark integer not null default 0,
  primary key (ticket_number, destination, event_number)
) strict, without rowid;

-- Full history costs nothing: only what is pending, or dead, is in an index.
create index deliveries_due on deliveries (destination, next_attempt_at) where state = 'PENDING';
create index deliveries_dead on deliveries (destination) where state = 'DEAD';

create table attempts (
  ticket_number integer not null,
  destination text not null,
  event_number integer not null,
  attempt integer not null,
  at integer not null,
  ms integer not null,
  outcome text not null,
  status integer,
  excerpt text,
  primary key (ticket_number, destination, event_number, attempt)
) strict, without rowid;

create table ticket_refs (
  ticket_number integer not null,
  destination text not null,
  ref text not null,
  primary key (ticket_number, destination)
) strict, without rowid;

create table destinations (
  name text primary key,
  state text not null default 'OK',
  reason text,
  step integer not null default 0,
  probe_at integer,
  held_until integer,
  held_since integer,
  retries_in_row integer not null default 0,
  success_count integer not null default 0,
  last_delivered_at integer,
  revision integer not null default 0,
  lease_engine text,
  epoch integer not null default 0,
  last_sent_at integer
) strict, without rowid;

create table sessions (
  hash blob primary key,
  principal text not null,
  expires_at integer not null
) strict, without rowid;

create table used_login_links (
  link blob primary key,
  expires_at integer not null
) strict, without rowid;
