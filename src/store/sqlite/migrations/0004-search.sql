-- What can be found by its words. Only tokens go in and nothing comes out but ticket numbers, so no text is kept twice, nor where in it
-- a word stands. The tokens are ours (domain/search-text.ts); `ascii` parts them at their spaces and changes nothing.
create virtual table search using fts5 (
  tokens,
  content = '',
  contentless_delete = 1,
  detail = none,
  tokenize = 'ascii'
);
-- By itself FTS5 merges a great deal at once: forgetting 50 of 60,000 tickets took 0.7 s of CPU. It merges as much as we tell it
-- (store/sqlite/indexing.ts), and writes anew what is half forgotten.
insert into search (search, rank) values ('automerge', 0);
insert into search (search, rank) values ('crisismerge', 1000);
insert into search (search, rank) values ('deletemerge', 50);

-- Every ticket up to this number is in it.
create table search_progress (
  number integer not null
) strict;
insert into search_progress (number) values (0);

-- Tickets whose texts changed since.
create table search_queue (
  ticket_number integer primary key
) strict;

-- Whoever writes them: comments and notes, and texts that are erased. A created event's text is its ticket's.
create trigger events_to_search after insert on events when new.event_number > 1 and new.message is not null
begin
  insert or ignore into search_queue (ticket_number) values (new.ticket_number);
end;
create trigger changed_events_to_search after update of message on events
begin
  insert or ignore into search_queue (ticket_number) values (new.ticket_number);
end;
create trigger changed_tickets_to_search after update of subject, message on tickets
begin
  insert or ignore into search_queue (ticket_number) values (new.number);
end;
