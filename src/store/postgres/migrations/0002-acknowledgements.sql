-- Mails that tell the writer that a ticket arrived: how many each address had within the hour, whoever wrote under it.

create table support.acknowledgements (
  address text collate "C" not null,
  at bigint not null,
  ticket_number bigint not null,
  primary key (address, at, ticket_number)
);

-- For removing what ran out.
create index acknowledgements_by_at on support.acknowledgements (at);

-- True: nothing that happens later to the ticket goes there.
alter table support.deliveries add column only_created boolean not null default false;
