/** What a new ticket goes through, whoever brings it: the API's JSON body or the form. */
import type { Problem } from '../api/errors.ts'
import type { Principal } from '../domain/principal.ts'

export type Submission = {
  readonly principal: Principal
  /** As parsed, not yet checked. */
  readonly fields: { readonly subject?: unknown; readonly message?: unknown; readonly type?: unknown; readonly context?: unknown }
  readonly requestId: string
  readonly userAgent: string | null
  /** The `Project` header, as sent. */
  readonly project: string | null
  /** The `Idempotency-Key`, as sent. */
  readonly idempotencyKey: string | null
}

export type Submitted =
  | { readonly ok: true; readonly id: string; readonly number: number; readonly reference: string; readonly createdAt: number; readonly repeated: boolean }
  | { readonly ok: false; readonly problem: Problem }

export type Intake = (submission: Submission) => Promise<Submitted>
