/** docs/errors.md: what every error code means and what a client does about it. `node scripts/docs.js` writes it. */
import { errorCodes } from '../../src/api/errors.ts'

export const errorsPage = (): string => `# Error codes

<!-- Made from the code by \`node scripts/docs.js\`; changes belong into src/api/errors.ts. -->

Every error is answered in JSON:

\`\`\`json
{"why":"…","errorCode":"RATE_LIMITED","statusCode":429}
\`\`\`

- \`why\` is a sentence for the person in front of the screen: what happened, what is safe, what to do. Show it as it is. It may change.
- \`errorCode\` is for programs. It does not change, and this is the whole list.
- \`statusCode\` is the HTTP status. The header \`job-id\` names the request in our log; \`Retry-After\`, where there is one, is in whole seconds.
- The command line's \`--json\` prints the same for what a call refused; where none was made (an option that cannot be, no data folder)
  \`{"why": "…", "errorCode": null}\`. \`check\` and \`routes explain\` print all problems of the configuration instead.

| status | errorCode | meaning | what to do |
|---|---|---|---|
${Object.entries(errorCodes)
  .map(([code, { status, meaning, remedy }]) => `| ${status} | \`${code}\` | ${meaning} | ${remedy} |`)
  .join('\n')}

No answer at all (a broken connection, a page of somebody's proxy) says nothing about the ticket: send it again with the same \`Idempotency-Key\`, and
it cannot arrive twice.
`
