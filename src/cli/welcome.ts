/** What the evaluation mode prints when it is ready: everything a newcomer needs for the first ticket. */

export type Welcome = {
  readonly address: string
  readonly userLink: string
  readonly staffLink: string
  readonly token: string
  readonly folder: string
  /** How to get a new link. */
  readonly newLink: string
}

export const welcomeLines = ({ address, userLink, staffLink, token, folder, newLink }: Welcome): string[] => [
  '',
  'Support Relay is running in evaluation mode: only this computer reaches it, and nothing leaves it.',
  `Everything is kept in ${folder}. Stop with Ctrl+C.`,
  '',
  'Write a ticket as the demo user (sign in first; the link works once)',
  `  Sign in    ${userLink}`,
  `  Form       ${address}/`,
  '',
  'Answer it as demo staff, in the console (this link works once, too)',
  `  As staff   ${staffLink}`,
  '',
  'See what would have landed in chat',
  `  Inbox      ${address}/evaluation`,
  '',
  'Or send one from a terminal',
  `  curl -H "Authorization: Bearer ${token}" ${address}/api/support/ticket -d '{"subject":"My subject","message":"It works"}'`,
  '',
  `A new sign-in link:  ${newLink}`,
  `For demo staff:      ${newLink} --staff`,
  'For real: put a support-relay.yaml here; the README has one to copy.',
  '',
]
