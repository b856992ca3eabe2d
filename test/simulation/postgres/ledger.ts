/** What was committed, read right after each commit from a log that triggers of the simulation keep beside the tables: so it holds whatever the code
 *  that wrote it believes. */
import type pg from 'pg'
import type { DeliveryState } from '../../../src/api/ticket.ts'
import { progressFrom } from '../../../src/store/columns.ts'
import type { OpenDisk, Recorded } from '../disk.ts'
import type { Time } from '../time.ts'
import type { Trouble } from './line.ts'

/** The database's clock differs from everybody's: nothing may compare the two. */
const CLOCK_FROM = 1_900_000_000_000

/** Beside the product's schema. `clock_timestamp` is found before the server's own by the database's search path. */
export const SIMULATED = `
  create schema sim;
  create unlogged sequence sim.clock;
  create function sim.clock_timestamp() returns timestamptz language sql volatile
    as $$ select to_timestamp(pg_sequence_last_value('sim.clock'::regclass) / 1000.0) $$;
  -- The simulation keeps this limit itself (frames.ts): whoever asks whether it arrived is told so.
  create function sim.current_setting(name text) returns text language sql stable
    as $$ select case name when 'lock_timeout' then '2s' else pg_catalog.current_setting(name) end $$;
  create unlogged table sim.log (n bigserial, by int default pg_backend_pid(), what text, before jsonb, after jsonb);
  create function sim.note() returns trigger language plpgsql as $$ begin
    insert into sim.log (what, before, after)
      values (tg_table_name, case when tg_op = 'UPDATE' then to_jsonb(old) end, to_jsonb(new));
    return null;
  end $$;
  create trigger note after insert on support.tickets for each row execute function sim.note();
  create trigger note_new after insert on support.deliveries for each row execute function sim.note();
  create trigger note after update on support.deliveries for each row
    when (old.state <> new.state or old.attempts <> new.attempts) execute function sim.note();
  create trigger note after update on support.destinations for each row
    when ((old.epoch, old.lease_engine, old.lease_until, old.revision)
      is distinct from (new.epoch, new.lease_engine, new.lease_until, new.revision)) execute function sim.note();`

type Row = Record<string, string | number | null>
type Note = {
  /** The server's process that wrote it. */
  readonly by: number
  readonly what: 'tickets' | 'deliveries' | 'destinations'
  readonly before: Row | null
  readonly after: Row
}

export class Ledger {
  readonly #client: pg.Client
  readonly #time: Time
  readonly #wanted: ReadonlyMap<string, readonly string[]>
  readonly #meet: (what: Trouble) => void
  readonly #holders = new Map<string, { engine: string | null; until: number }>()
  /** By ticket and event. */
  readonly #places = new Map<string, string[]>()
  #clock = -1

  /** @param client which does nothing but this */
  constructor(
    client: pg.Client,
    {
      time,
      wanted,
      meet,
    }: Pick<Parameters<OpenDisk>[0], 'time' | 'wanted'> & { readonly meet: (what: Trouble) => void },
  ) {
    this.#client = client
    this.#time = time
    this.#wanted = wanted
    this.#meet = meet
  }

  holderOf(destination: string): { engine: string | null; until: number } {
    return this.#holders.get(destination) ?? { engine: null, until: 0 }
  }

  placesOf(ticketNumber: number, eventNumber: number): readonly string[] {
    return this.#places.get(`${ticketNumber}/${eventNumber}`)?.sort() ?? []
  }

  /** From now on the database's clock shows the present. */
  async setClock(): Promise<void> {
    const now = this.#time.monotonic()
    if (this.#clock === now) return
    this.#clock = now
    await this.#client.query(`select setval('sim.clock', ${CLOCK_FROM + now})`)
  }

  /** Tells what was committed since it was last asked. A statement that waited for a commit may have committed right behind it.
   *  @param of who writes by that process of the server */
  async read(of: (process: number) => Recorded): Promise<void> {
    const { rows } = await this.#client.query<Note>(
      'with read as (delete from sim.log returning *) select by, what, before, after from read order by n',
    )
    const inserted = rows.filter(({ before }) => before === null)
    for (const { what, after } of inserted) {
      const event = `${after.ticket_number}/${after.event_number}`
      if (what === 'deliveries')
        this.#places.set(event, [...(this.#places.get(event) ?? []), String(after.destination)])
    }
    for (const { by, what, after } of inserted) if (what === 'tickets') this.#stored(after, inserted, of(by))
    for (const { by, what, after } of inserted)
      if (what === 'deliveries' && Number(after.event_number) > 1)
        of(by).added({
          ticketNumber: Number(after.ticket_number),
          eventNumber: Number(after.event_number),
          destinations: [String(after.destination)],
        })
    for (const { by, what, before, after } of rows) {
      if (before && what === 'deliveries') this.#progressed(before, after, of(by))
      if (before && what === 'destinations') this.#leased(before, after, of(by))
    }
  }

  #stored(ticket: Row, inserted: readonly Note[], recorded: Recorded): void {
    const [number, id] = [Number(ticket.number), String(ticket.id)]
    const destinations = this.#wanted.get(id) ?? []
    const places = inserted
      .filter(({ what, after }) => what === 'deliveries' && after.ticket_number === number && after.event_number === 1)
      .map(({ after }) => String(after.destination))
      .sort()
    if (places.join() !== destinations.join())
      recorded.blame(`ticket ${number} for ${destinations} was committed with deliveries to ${places}`)
    const result = { outcome: 'accepted', number, id, createdAt: Number(ticket.created_at), repeated: false } as const
    recorded.accepted({ id, destinations, message: String(ticket.message) }, result)
  }

  #progressed(before: Row, after: Row, recorded: Recorded): void {
    const progress = progressFrom(after)
    const state = after.state as DeliveryState // only ever written from the union
    if (before.attempts !== after.attempts)
      recorded.settled(
        { progress, state, reason: after.reason === null ? null : String(after.reason) },
        { outcome: 'settled' },
      )
    else if (state === 'DEAD') recorded.expired(progress)
    else if (state === 'PENDING') recorded.replayed([progress], before.state as DeliveryState)
  }

  #leased(before: Row, after: Row, recorded: Recorded): void {
    const [name, engine] = [String(after.name), after.lease_engine === null ? null : String(after.lease_engine)]
    const isTaken = before.epoch !== after.epoch
    if (isTaken && after.epoch !== Number(before.epoch) + 1)
      recorded.blame(`the epoch of ${name} went from ${before.epoch} to ${after.epoch}`)
    if (isTaken && before.lease_engine !== null) {
      if (Number(before.lease_until) > CLOCK_FROM + this.#time.monotonic())
        recorded.blame(`${engine} took ${name}, which was still leased to ${before.lease_engine}`)
      this.#meet('a lease that runs out')
      recorded.lapsed(name, String(before.lease_engine))
    }
    if (!isTaken && engine !== null && engine !== before.lease_engine)
      recorded.blame(`${name} went from ${before.lease_engine} to ${engine} under the same epoch`)
    this.#holders.set(name, { engine, until: Number(after.lease_until) - CLOCK_FROM })
    if (before.revision !== after.revision && after.state === 'OK') recorded.resumed(name)
  }
}
