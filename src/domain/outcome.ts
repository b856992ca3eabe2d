/** What a destination's answer means for a delivery. The rules that use it stand in delivery.ts and destination-health.ts. */

/** What came back for one request, or why nothing did. Bodies are read up to 64 KiB. Of a mail server: its code, its words, and in the header
 *  `command` what it answered to. */
export type Answer =
  | {
      readonly kind: 'answer'
      readonly status: number
      /** Names in lower case; a header that came twice is joined by ", ". */
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  | { readonly kind: 'no-answer'; readonly failure: Failure; readonly detail: string }

/** Why no answer came. `blocked`: the address guard does not allow the address. `cut-off`: we are stopping. `proxy`: it refuses us. */
export type Failure =
  | 'dns'
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'certificate'
  | 'blocked'
  | 'cut-off'
  | 'protocol'
  | 'proxy'

/** How long the answer asked to wait; longer than a day counts as a day (`cut` says so). */
export type AskedWait = { readonly waitMs?: number; readonly cut?: boolean }

/** `reason` is a stable code in kebab-case, the same whenever the same thing happens: people filter by it. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly ref?: string }
  /** Try again later. */
  | ({ readonly kind: 'retry'; readonly reason: string } & AskedWait)
  /** The service names this text as the problem: a simpler level may pass. */
  | ({ readonly kind: 'refused'; readonly reason: string } & AskedWait)
  /** Not this delivery is the problem, the destination is: wrong token, deleted hook, moved address. */
  | ({ readonly kind: 'unavailable'; readonly reason: string } & AskedWait)
  /** A 2xx that is not the documented success: it may have been shown to people. */
  | ({ readonly kind: 'unclear'; readonly reason: string } & AskedWait)
