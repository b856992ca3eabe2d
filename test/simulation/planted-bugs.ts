/** Bugs that others had (delivery engines' trackers, the service we replace) or that we had, each planted into a copy of the source: the simulation
 *  must find every one. `src/` itself knows nothing of them. */

export type PlantedBug = {
  /** What goes wrong, as a user would say it. */
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'a refusal by HTTP status counts as delivered (UCloud 1)',
    file: 'domain/classify.ts',
    find: 'const isSuccess = status >= 200 && status < 300',
    replace: 'const isSuccess = status >= 100',
  },
  {
    name: 'the first network failure is final (UCloud 2)',
    file: 'domain/delivery.ts',
    find: "  if (context.isProbe) return { state: 'PENDING', progress: tried }\n",
    replace: "  return { state: 'DEAD', progress: tried, reason: 'budget-spent' }\n",
  },
  {
    name: '200 with an error in it counts as delivered (UCloud, Teams connectors)',
    file: 'destinations/slack-answer.ts',
    find: "status === 200 && body === 'ok'",
    replace: 'status === 200',
  },
  {
    name: 'Retry-After is ignored (svix 2199, alertmanager 2205)',
    file: 'domain/retry-after.ts',
    find: 'return boundedWait(waits.reduce',
    replace: 'return boundedWait(0 * waits.reduce',
  },
  {
    name: 'Retry-After is cut down to our own schedule (svix limit_retry_delay)',
    file: 'domain/retry-after.ts',
    find: 'Math.ceil(Math.min(waitMs, RETRY_AFTER_MAX_MS))',
    replace: 'Math.ceil(Math.min(waitMs, 10_000))',
  },
  {
    name: 'a pause by staff loses the wait that was asked for (ours)',
    file: 'domain/destination-health.ts',
    find: '...current, successCount, lastDeliveredAt, heldUntil, waitCutAt }',
    replace: '...current, successCount, lastDeliveredAt, waitCutAt }',
  },
  {
    name: 'a resume after a jump of the clock undercuts the wait (ours)',
    file: 'engine/standing.ts',
    find: 'this.become({ ...stored, heldUntil: this.#health.heldUntil })',
    replace: 'this.become(stored)',
  },
  {
    name: 'a ticket is acknowledged, and one of its deliveries was never made (convoy 660, breeze 4095)',
    file: 'store/sqlite/intake.ts',
    find: 'for (const destination of ticket.destinations) insertDelivery',
    replace: 'for (const destination of ticket.destinations.slice(0, 2)) insertDelivery',
  },
  {
    name: 'what was settled while a read was under way is sent again (convoy 2163)',
    file: 'engine/lane.ts',
    find: 'if (this.#isReading) this.#justSettled.add(key)',
    replace: '',
  },
  {
    name: 'what is under way is taken again (bull 308)',
    file: 'engine/lane.ts',
    find: '!this.#inFlight.has(keyOf(delivery)) && ',
    replace: '',
  },
  {
    name: 'a later event overtakes an earlier one (convoy 1525)',
    file: 'store/sqlite/deliveries.ts',
    find: "    and earlier.state = 'PENDING')`",
    replace: "    and earlier.state = 'NEVER')`",
  },
  {
    name: 'the attempt count never advances (convoy 1833)',
    file: 'domain/delivery.ts',
    find: 'attempts: before.attempts + 1,',
    replace: 'attempts: Math.max(1, before.attempts),',
  },
  {
    name: 'a poisoned text is tried for ever (outpost 663)',
    file: 'domain/delivery.ts',
    find: "? { state: 'DEAD', progress: tried }\n        : {",
    replace: "? { state: 'PENDING', progress: due(tried, context.now, 1_000) }\n        : {",
  },
  {
    name: 'a text refused in its rich form is given up at once (outpost 957)',
    file: 'domain/delivery.ts',
    find: 'return context.nextLevel === null\n',
    replace: 'return context.nextLevel !== undefined\n',
  },
  {
    name: 'a gone destination kills every delivery (the 410 that nobody handles)',
    file: 'domain/delivery.ts',
    find: 'if (progress.unavailableCount >= UNAVAILABLE_MAX)',
    replace: 'if (progress.unavailableCount >= 1)',
  },
  {
    name: 'a failing destination gets the full traffic (nango 5061)',
    file: 'engine/gate.ts',
    find: '(isProbing ? 1 : destination.concurrency)',
    replace: 'destination.concurrency',
  },
  {
    name: 'the rate limit has no effect (convoy 1927)',
    file: 'engine/pace.ts',
    find: 'nowMs - at < rate.perMs',
    replace: 'nowMs - at < 0 * rate.perMs',
  },
  {
    name: 'an unclear answer is repeated at once',
    file: 'domain/schedule.ts',
    find: 'UNCLEAR_WAIT_MS = MINUTE',
    replace: 'UNCLEAR_WAIT_MS = 0 * MINUTE',
  },
  {
    name: 'a paused destination is served',
    file: 'engine/gate.ts',
    find: 'this.#isClosed || isPaused || isRecordingOverdue()',
    replace: 'this.#isClosed || isRecordingOverdue()',
  },
  {
    name: 'an outcome that the store could not take is forgotten (outpost 1000)',
    file: 'engine/settle.ts',
    find: '    if (signal.aborted) return undefined\n',
    replace: '    return undefined\n',
  },
  {
    name: 'stopping drops what is under way (hookaido 201)',
    file: 'engine/lane.ts',
    find: '    await Promise.all(this.#inFlight.values())\n',
    replace: '',
  },
  {
    name: 'a frozen engine wakes up and goes on with a lease that is another’s (bullmq 3056)',
    file: 'engine/gate.ts',
    find: 'return mono + destination.timeoutMs <= this.#leaseUntil',
    replace: 'return mono > 0',
  },
  {
    name: 'a killed engine keeps its leases for ever (graphile 204)',
    file: 'store/sqlite/destinations.ts',
    find: ' || (until.get(name) ?? 0) <= at',
    replace: '',
  },
  {
    name: 'an engine without the lease records outcomes (Svix, nacked batches)',
    file: 'store/sqlite/deliveries.ts',
    find: ' || Number(held.epoch) !== settlement.epoch) return',
    replace: ') return',
  },
  {
    name: 'probes are charged to the budget',
    file: 'domain/delivery.ts',
    find: 'context.isProbe ? before.spentMs : before.spentMs',
    replace: 'before.spentMs',
  },
  {
    name: 'an outcome is recorded as delivered before anybody said so',
    file: 'domain/classify.ts',
    find: "if (answer.kind === 'no-answer') return FAILURES[answer.failure]",
    replace:
      "if (answer.kind === 'no-answer') return answer.failure === 'timeout' ? { kind: 'delivered' } : FAILURES[answer.failure]",
  },
  {
    name: 'a replay counts attempts anew, so that what follows is taken for known (ours)',
    file: 'store/sqlite/replay.ts',
    find: "state = 'PENDING', reason = null, level = 0",
    replace: "state = 'PENDING', attempts = 0, reason = null, level = 0",
  },
  {
    name: 'what was replayed keeps its spent budget (convoy 965)',
    file: 'store/sqlite/replay.ts',
    find: 'backoff_ms = 0, spent_ms = 0,',
    replace: 'backoff_ms = 0,',
  },
  {
    name: 'PostgreSQL: an engine without the lease records outcomes (Svix, nacked batches)',
    file: 'store/postgres/settle.ts',
    find: ' and h.epoch = g.epoch and h.lease_engine is not null',
    replace: '',
  },
  {
    name: 'PostgreSQL: a lease is taken over under the old epoch',
    file: 'store/postgres/leases.ts',
    find: ', epoch = epoch + 1',
    replace: '',
  },
  {
    name: 'PostgreSQL: a lease runs for half as long as its engine believes',
    file: 'store/postgres/leases.ts',
    find: '+ $3::bigint, epoch',
    replace: '+ $3::bigint / 2, epoch',
  },
  {
    name: 'PostgreSQL: a ticket is acknowledged, and one of its deliveries was never made (convoy 660, breeze 4095)',
    file: 'store/postgres/intake.ts',
    find: 'destinations.map(name => [id, name, false] as const)',
    replace: 'destinations.slice(0, 2).map(name => [id, name, false] as const)',
  },
  {
    name: 'PostgreSQL: a later event overtakes an earlier one (convoy 1525)',
    file: 'store/postgres/deliveries.ts',
    find: "    and earlier.state = 'PENDING')`",
    replace: "    and earlier.state = 'NEVER')`",
  },
  {
    name: 'PostgreSQL: a COMMIT that was not answered counts as none once the database cannot be asked',
    file: 'store/postgres/store.ts',
    find: 'if (!isUnknown) throw error',
    replace: "if (!(error instanceof StoreUnavailable) || error.outcome !== 'unknown') throw error",
  },
  {
    name: 'PostgreSQL: of tickets committed together all are told the first one’s number',
    file: 'store/postgres/group-commit.ts',
    find: 'waiter.resolve(results[i] as Result)',
    replace: 'waiter.resolve(results[i && 0] as Result)',
  },
]
