/** The API for whoever programs against it: every call and every shape, made of the schemas that validate. */
import { render } from 'preact-render-to-string'
import type { Manual } from '../../src/api/manual.ts'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { Call, Model } from '../components/manual.tsx'

export type DocsView = {
  readonly shell: Shell
  /** What `docsContent` made. */
  readonly content: string
}

export const docsPage = ({ shell, content }: DocsView): string =>
  toHtml(
    <Document shell={shell} title="API" current="none" broad>
      {/* Our own, from below: nobody’s text is in it. */}
      <main class="manual" id="main" dangerouslySetInnerHTML={{ __html: content }} />
    </Document>,
  )

/** The page but for its frame, as HTML. To be kept: it takes some 20 ms to make. */
export const docsContent = ({ calls, models }: Manual): string => {
  // What a call takes stands beside it.
  const requests = new Map(models.map(model => [model.name, model]))
  const shapes = models.filter(({ name }) => !calls.some(call => call.request === name))
  return render(
    <>
      <nav aria-label="On this page">
        <h2>
          <a href="#calls">Calls</a>
        </h2>
        <Links names={calls.map(({ name }) => name)} />
        <h2>
          <a href="#shapes">Shapes</a>
        </h2>
        <Links names={shapes.map(({ name }) => name)} />
      </nav>
      <div class="sections">
        <div class="stack">
          <h1>API</h1>
          <p>
            Send <code>Authorization: Bearer</code> with a token of the platform. Every answer is JSON and has the
            header <code>job-id</code>, which names the request in the log. Instants are integer milliseconds since 1970
            (UTC); what is absent is <code>null</code>.
          </p>
          <p>
            The same for programs, as OpenAPI 3.1: <a href="/openapi.json">openapi.json</a>
          </p>
        </div>
        <h2 id="calls">Calls</h2>
        {calls.map(call => (
          <Call key={call.name} call={call} request={requests.get(call.request)} />
        ))}
        <h2 id="shapes">Shapes</h2>
        {shapes.map(model => (
          <Model key={model.name} model={model} />
        ))}
      </div>
    </>,
  )
}

const Links = ({ names }: { names: readonly string[] }) => (
  <ul>
    {names.map(name => (
      <li key={name}>
        <a href={`#${name}`}>{name}</a>
      </li>
    ))}
  </ul>
)
