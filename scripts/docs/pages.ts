/** Every page and picture of docs/ that is made from the code, by its path in it. */
import { configurationPage, destinationsPage } from '../../src/config/docs.ts'
import { destinationKinds } from '../../src/destinations/index.ts'
import { destinationPages } from './destination-pages.ts'
import { errorsPage } from './errors-page.ts'
import { eventsPage } from './events-page.ts'
import { guidePage } from './guide-page.ts'
import { metricsPage } from './metrics-page.ts'
import { pictures } from './pictures.ts'

export const generatedPages = (): Readonly<Record<string, string>> => ({
  'configuration.md': configurationPage(),
  'destinations.md': destinationsPage(destinationKinds),
  'developer-guide/support.md': guidePage(),
  'errors.md': errorsPage(),
  'events.md': eventsPage(),
  'metrics.md': metricsPage(),
  ...destinationPages(destinationKinds),
  ...pictures,
})
