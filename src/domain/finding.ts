/** What somebody who looked at what we run on objects to. */
export type Finding = {
  /** `refused`: acknowledged tickets can be lost, or the service cannot work. `warning`: it works, and could be safer. */
  readonly severity: 'refused' | 'warning'
  /** The setting, by the name it is changed by. */
  readonly subject: string
  /** A sentence: what is so, and what comes of it. */
  readonly what: string
  /** A sentence or a statement: what is to be done. */
  readonly fix: string
}
