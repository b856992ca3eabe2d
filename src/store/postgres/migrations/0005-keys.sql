-- A user's ticket by its idempotency key, without looking at their others.

create index tickets_by_key on support.tickets (username, idempotency_key, number) where idempotency_key is not null;
