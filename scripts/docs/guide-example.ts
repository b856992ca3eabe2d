/** The example of the developer guide: one ticket, in every language that the page speaks. test/guide-example.test.ts runs each of them. */
import { details, fenced } from './markdown.ts'
import { EXAMPLE } from './pictures.ts'

const { subject, message } = EXAMPLE

const typeScript = `import { createClient } from 'support-relay/client'

const support = createClient({ url: process.env.host ?? '', token: process.env.accessToken ?? '' })

const sent = await support.createTicket({
  subject: '${subject}',
  message: '${message}',
})

if (sent.outcome === 'received') console.log(sent.reference)
else console.log(sent.why)`

const curl = `# $host is where the service is, such as http://127.0.0.1:8080; $accessToken is a token of the user.
curl "$host/api/support/ticket" \\
  -H "Authorization: Bearer $accessToken" \\
  -H "Content-Type: application/json; charset=utf-8" \\
  -d '{
    "subject": "${subject}",
    "message": "${message}"
  }'

# {}`

const kotlin = `import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers

val answer = HttpClient.newHttpClient().send(
    HttpRequest.newBuilder(URI("$host/api/support/ticket"))
        .header("Authorization", "Bearer $accessToken")
        .header("Content-Type", "application/json; charset=utf-8")
        .POST(BodyPublishers.ofString("""{
            "subject": "${subject}",
            "message": "${message}"
        }"""))
        .build(),
    BodyHandlers.ofString(),
)

// answer.statusCode() is 200, answer.body() is {}`

const flowOf = (name: string) => `<b>Communication Flow:</b> ${name}`

export const example: readonly string[] = [
  '## Example: Creating a ticket',
  `<table>
<tr><th>Frequency of use</th><td>Common</td></tr>
<tr><th>Actors</th><td>A signed-in user (<code>user</code>), the service (<code>Support Relay</code>)</td></tr>
</table>`,
  details(flowOf('TypeScript'), [
    'With the [client](../client.md): it tries again by itself, never throws, and says `unknown` rather than something untrue.',
    fenced('ts', typeScript),
  ]),
  details(flowOf('Curl'), [
    'The body is read as JSON whatever the content type says; a malformed one does no harm.',
    fenced('bash', curl),
  ]),
  details(flowOf('Kotlin'), ['The same on the wire, with what every JVM has.', fenced('kotlin', kotlin)]),
  details(
    flowOf('Visual'),
    [
      '![A user sends createTicket with a subject and a message; Support Relay answers 200 OK with an empty object and the reference in a header](../diagrams/create-ticket.svg)',
    ],
    true,
  ),
]
