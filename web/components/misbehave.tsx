/** How the stand-in for Slack answers, and the switch for it. */
import type { ComponentChildren } from 'preact'
import { Moment } from './moment.tsx'

export type MisbehaviourView =
  | { readonly kind: 'well' | 'silent' | 'gone' }
  | { readonly kind: 'down'; readonly attemptsLeft: number }
  | { readonly kind: 'pause'; readonly until: number }

const choices: readonly { value: MisbehaviourView['kind']; words: string; detail?: string }[] = [
  { value: 'well', words: 'Answer well' },
  { value: 'down', words: 'Be down for the next 3 attempts', detail: '503' },
  { value: 'pause', words: 'Ask for a pause of 30 s', detail: '429 with Retry-After' },
  { value: 'silent', words: 'Never answer', detail: 'until the deadline of the sender' },
  {
    value: 'gone',
    words: 'Be gone for good',
    detail: '404, so everything waits, and all of it arrives when you change this back',
  },
]

export const Misbehave = ({ mode }: { mode: MisbehaviourView }) => (
  <form action="/evaluation/misbehave" method="post">
    <fieldset>
      <legend>
        <h2>Make it misbehave</h2>
      </legend>
      <p class="small soft above">Then send a ticket, and watch that it still arrives.</p>
      <div class="misbehave">
        {choices.map(({ value, words, detail }) => (
          <label key={value}>
            <input type="radio" name="mode" value={value} checked={value === mode.kind} autocomplete="off" />
            <span>
              {words} {detail && <span class="faint">{detail}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
    <button class="button" type="submit">
      Apply
    </button>
  </form>
)

export const ModeNow = ({ mode, now }: { mode: MisbehaviourView; now: number }): ComponentChildren => {
  switch (mode.kind) {
    case 'well':
      return 'It answers well.'
    case 'down':
      return mode.attemptsLeft === 1
        ? 'It is down for 1 more attempt.'
        : `It is down for ${mode.attemptsLeft} more attempts.`
    case 'pause':
      return (
        <>
          It asks for a pause until <Moment at={mode.until} now={now} seconds />.
        </>
      )
    case 'silent':
      return 'It takes messages and never answers.'
    case 'gone':
      return 'It says that it is gone for good.'
  }
}
