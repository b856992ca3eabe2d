/** What a person needs to know of a service to set it up. */
export type Guide = {
  /** Settings as they would stand in a configuration: a secret by the name of an environment variable. */
  readonly settings: Readonly<Record<string, string>>
  /** Values of those variables for the example, made up. */
  readonly environment: Readonly<Record<string, string>>
  /** Of a server of one's own, which `network.allow` has to name. */
  readonly ownHost?: string
  /** The name of a destination of the team, which every rule with this one needs. */
  readonly beside?: string
  readonly steps: readonly string[]
  readonly notes: readonly string[]
}
