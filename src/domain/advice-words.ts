/** From what a service says to what is the matter and what to do: its own codes and words, as they stand in reasons and in answers. */

export const ANEW = 'put it into the configuration and start again'
export const TOKEN = `The service does not know us: the token, key or password is wrong or was withdrawn. Make a new one there, ${ANEW}.`
export const RIGHTS =
  'The service knows us and does not let us write there. Give the token, bot or user the right to, or let it into the channel or project; a deleted hook may answer so, too.'

const ARCHIVED = `The channel is archived, or closed to messages. Open it there again; or choose another one, ${ANEW}.`
const MOVED = `The chat has a new id, which the answer holds (migrate_to_chat_id). Copy it, ${ANEW}.`
const ROBOT =
  'The security settings of the robot keep us out: its secret, its keywords or its list of addresses. Compare the secret with `secret`; as a keyword take SUP, which stands in every reference.'
const SWITCHED_OFF =
  'The integration is switched off at the service: the hook, the flow, the bot, its account or the project. Let its administrator switch it on again.'
const HOOK_GONE = `The hook is not there any more. Make a new one at the service, ${ANEW}.`
const PLACE_GONE = `The channel, room or chat is not there any more, has another name now, or is closed to the bot. Correct its name, or let the bot in; if it is a hook, make a new one and ${ANEW}.`
const MAIL_LOGIN = `The mail server does not take the login, or wants one. Correct username and password, ${ANEW}.`
const MAIL_TLS =
  'The mail server offers no TLS here, and without it nothing is sent. Check the port (587 and 25 for smtp://, 465 for smtps://); plain text goes only to a server that network.allow lists.'
const MAILBOX =
  'The mail server refuses the mailbox, or us as its sender; the answer says which. Correct `to` or `from`, empty a full mailbox, or let whoever runs the server allow this machine to send.'
/** @param setting of the destination, and what it may be that it names */
const wrong = (setting: string, what: string) =>
  `The service does not know the ${what} that \`${setting}\` of the destination names: mistyped, cut off, deleted or renamed. Compare it with the service, ${ANEW}.`
const FIELD =
  'The service was set to ask for a field of its own, which no ticket fills. Let its administrator make that field optional, or give it a default.'
const WEB_PAGE =
  'What answers is a web page, so it is not the service itself: a proxy in between, a login page or a wrong address. Check the address, and which proxy stands in the way.'

/** The first that occurs counts. Words as they are joined below: `-channel-is-archived-`. */
const MATTERS: readonly (readonly [words: RegExp, advice: string])[] = [
  [/-must-issue-a-starttls|-tls-is-required-and-the-server/, MAIL_TLS],
  [/-email-53[0458]-|-the-login-was-refused-|-refused-53[05]-/, MAIL_LOGIN],
  [
    /-email-(?:5[05]\d|521)-|-the-(?:recipient|sender-or-the-size|mail)-was-refused-|-the-server-does-not-serve-us-/,
    MAILBOX,
  ],
  [/-(?:invalid|of|errors|pagerduty)-routing-key-/, wrong('routingKey', 'integration key')],
  [/-key-format-is-not-valid-/, wrong('apiKey', 'key')],
  [/-api-key-not-valid-|-token-is-not-exist-/, wrong('url', 'key or token')],
  [/-no-lookup-value-found-for-group-/, wrong('group', 'group')],
  [/-(?:invalid|could-not-find)-queue-|-could-not-create-ticket-queue-/, wrong('queue', 'queue')],
  [
    /-(?:project|tracker|status|priority)-(?:is-not-included-in-the-list|cannot-be-blank)-/,
    wrong('project', 'project, or a default of it (tracker, status, priority),'),
  ],
  [
    /-jira-project-or-type-|-errors-(?:project|issuetype)-/,
    wrong('project', 'project, or the type of issue that `issueType` names,'),
  ],
  [/-jira-field-|-errors-customfield-|-missing-field-|-cannot-be-blank-|-is-not-included-in-the-list-/, FIELD],
  [/-(?:40009|40010)-/, wrong('topic', 'topic')],
  [/-chat-id-is-empty-/, wrong('chat', 'chat')],
  [/-archived-|-can-not-post-to-deleted-|-read-only-|-topic-closed-|-room-is-blocked-/, ARCHIVED],
  [/-upgraded-to-a-supergroup-|-migrate-to-chat-id-/, MOVED],
  [/-(?:310000|19021|19022|19024)-/, ROBOT],
  [
    /-disabled-|-is-?not-?enabled-|workflowtriggerisnotenabled|-deactivated-|-account-inactive-|-no-active-hooks-/,
    SWITCHED_OFF,
  ],
  [
    /-no-service-|-no-team-|-unknown-webhook-|-incoming-webhook-invalid-|-invalid-integration-id-|workflow(?:trigger)?notfound/,
    HOOK_GONE,
  ],
  [/-(?:10015|19001|93000|300005)-/, HOOK_GONE],
  [
    /-(?:invalid|unknown|missing)-token-|-token-(?:revoked|expired)-|-not-authed-|-invalid-(?:webhook-token|auth|api-?key)-/,
    TOKEN,
  ],
  [/-unauthori[sz]ed-|-unauthenticated-|-authorizationfailed-|-not-allowed-token-type-|-(?:50027|40101|40001)-/, TOKEN],
  [
    /-(?:channel|chat|thread|user|stream)-not-found-|-topic-deleted-|-unknown-channel-|-invalid-(?:channel|room)-|-does-not-exist-/,
    PLACE_GONE,
  ],
  [/-incoming-webhook-(?:channel|user)-app-|-(?:matrix-m|google-chat)-not-found-|-10003-/, PLACE_GONE],
  [
    /-permissions?-|-forbidden-|-prohibited-|-denied-|-(?:enough|no|administrator)-rights-|-missing-scope-|-not-in-channel-/,
    RIGHTS,
  ],
  [
    /-restricted-action-|-chat-restricted-|-not-authorized-to-send-|-error-not-allowed-|-kicked-|-channel-locked-|-access-?(?:limited|not-granted)-|-(?:50013|50001|40301)-/,
    RIGHTS,
  ],
  [/-(?:org-login|directapiauthorization)-?required-/, RIGHTS],
]

/** What helps where these words stand in an answer or a reason; undefined where none is known. */
export const adviceInWords = (said: string): string | undefined => {
  if (/^\s*</.test(said)) return WEB_PAGE
  const words = `-${said.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-`.replaceAll('--', '-')
  const [, moved] = /-migrate-to-chat-id-(\d+)-/.exec(words) ?? []
  // The id of such a chat is negative, and the sign is lost among the words.
  if (moved !== undefined)
    return `The chat has a new id: -${moved}. Write it as \`chat\` of the destination, and start again.`
  return MATTERS.find(([pattern]) => pattern.test(words))?.[1]
}
