/** A mistake that the simulation must find: a patch to a copy of the source. */
export type PlantedBug = {
  /** What goes wrong, as a user would say it. */
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
}
