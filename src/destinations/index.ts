/** Every kind of destination there is. A new one is a file, a test and a line here. */
import type { DestinationKind } from '../domain/destination.ts'
import local from './local.ts'
import slack from './slack.ts'
import webhook from './webhook.ts'

export const destinationKinds: readonly DestinationKind[] = [slack, webhook, local]
