-- Tickets, their timeline and the outbox, as in the embedded store. Moments are milliseconds since 1970; names compare byte by byte.

create table support.meta (
  key text collate "C" primary key,
  value bytea not null
);

create sequence support.ticket_numbers as bigint;

create table support.tickets (
  number bigint primary key,
  id uuid not null,
  created_at bigint not null,
  username text collate "C" not null,
  status text collate "C" not null,
  type text collate "C",
  subject text not null,
  message text not null,
  "user" text not null,
  project text,
  projects text,
  technical text not null,
  context text,
  idempotency_key text collate "C",
  fingerprint bytea
);

create unique index tickets_by_id on support.tickets (id);
-- All that intake asks about a user lies together: the newest tickets, when they came, and their keys.
create index tickets_by_user on support.tickets (username, number) include (created_at, idempotency_key);

create table support.events (
  ticket_number bigint not null,
  event_number integer not null,
  kind text collate "C" not null,
  at bigint not null,
  -- Null in a created event: by the writer, with the ticket's message.
  by text,
  message text,
  internal boolean not null default false,
  status text collate "C",
  primary key (ticket_number, event_number)
);

create table support.deliveries (
  ticket_number bigint not null,
  destination text collate "C" not null,
  event_number integer not null,
  state text collate "C" not null default 'PENDING',
  next_attempt_at bigint not null,
  reason text collate "C",
  attempts integer not null default 0,
  level integer not null default 0,
  step integer not null default 0,
  backoff_ms bigint not null default 0,
  spent_ms bigint not null default 0,
  attempted_at bigint,
  unclear_count integer not null default 0,
  unclear_mark bigint not null default 0,
  unavailable_count integer not null default 0,
  unavailable_mark bigint not null default 0,
  primary key (ticket_number, destination, event_number)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- Full history costs nothing: only what is pending, or dead, is in an index.
create index deliveries_due on support.deliveries (destination, next_attempt_at, ticket_number) where state = 'PENDING';
create index deliveries_dead on support.deliveries (destination, ticket_number, event_number) where state = 'DEAD';

create table support.attempts (
  ticket_number bigint not null,
  destination text collate "C" not null,
  event_number integer not null,
  attempt integer not null,
  at bigint not null,
  ms bigint not null,
  outcome text collate "C" not null,
  status integer,
  excerpt text,
  primary key (ticket_number, destination, event_number, attempt)
);

create table support.ticket_refs (
  ticket_number bigint not null,
  destination text collate "C" not null,
  ref text not null,
  primary key (ticket_number, destination)
);

create table support.destinations (
  name text collate "C" primary key,
  state text collate "C" not null default 'OK',
  reason text collate "C",
  step integer not null default 0,
  probe_at bigint,
  held_until bigint,
  held_since bigint,
  retries_in_row integer not null default 0,
  success_count bigint not null default 0,
  last_delivered_at bigint,
  wait_cut_at bigint,
  revision bigint not null default 0,
  died bigint not null default 0,
  lease_engine text collate "C",
  -- Until when, by this server's clock; also of a lease that was given back: since when it is free.
  lease_until bigint not null default 0,
  epoch bigint not null default 0,
  last_sent_at bigint
) with (fillfactor = 50);

-- Who lives, and which destinations each would serve.
create table support.engines (
  id text collate "C" primary key,
  alive_until bigint not null,
  destinations text[] not null
);

create table support.sessions (
  hash bytea primary key,
  principal text not null,
  expires_at bigint not null
);

create table support.used_login_links (
  link bytea primary key,
  expires_at bigint not null
);

create table support.announcements (
  matter text collate "C" primary key,
  at bigint not null,
  -- Tells this time of the matter from the next: a count, or the moment it began.
  mark bigint not null
);

-- Ids and codes, no text that a user wrote.
create table support.audit (
  id text collate "C" primary key,
  at bigint not null,
  by text not null,
  act text collate "C" not null,
  detail text not null,
  count bigint not null
);

-- What can be found by its words: tokens of our own making (domain/search-text.ts). Not a tsvector, which ends at 1 MB.
create table support.search (
  ticket_number bigint primary key,
  id uuid not null,
  tokens text[] collate "C" not null
);
create index search_by_token on support.search using gin (tokens);

-- Tickets whose texts are not in it yet, or have changed since. Every ticket passes through: numbers are not committed in their order,
-- so "up to this number" would lose some.
create table support.search_queue (
  ticket_number bigint primary key
) with (autovacuum_vacuum_scale_factor = 0.02);
