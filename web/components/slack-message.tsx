/** A received Slack message as a chat window would show it, made from its `blocks` (docs.slack.dev/reference/block-kit/blocks).
 *  What came is anybody's JSON: everything is looked at before it is used, and an unknown block is shown as text. */
import type { ComponentChildren } from 'preact'
import type { Json } from '../../src/api/ticket.ts'
import { isObject, list, type Members, members, text } from './json.ts'
import { LinkText, Mrkdwn, Ping } from './slack-text.tsx'

export const SlackMessage = ({ payload }: { payload: Json }) => {
  const message = members(payload)
  const blocks = list(message.blocks)
  return (
    <div class="said">
      {blocks.length > 0 ? blocks.map(block => <Block value={block} />) : <Plain text={text(message.text)} />}
    </div>
  )
}

/** A message without blocks, or one that is no Slack message at all. */
const Plain = ({ text: plain }: { text: string }) =>
  plain ? (
    <p dir="auto">
      <Mrkdwn text={plain} />
    </p>
  ) : (
    <p class="small faint">Nothing that chat would show.</p>
  )

const Block = ({ value }: { value: Json }) => {
  const block = members(value)
  switch (text(block.type)) {
    case 'header':
      return (
        <h2>
          <TextObject value={block.text} />
        </h2>
      )
    case 'section':
      return (
        <>
          {isObject(block.text) && (
            <p dir="auto">
              <TextObject value={block.text} />
            </p>
          )}
          {list(block.fields).length > 0 && <Fields fields={list(block.fields)} />}
        </>
      )
    case 'rich_text':
      return <RichParts parts={list(block.elements)} />
    case 'context':
      return (
        <p class="small faint">
          {list(block.elements).map((element, index) => (
            <>
              {index > 0 && ' · '}
              <TextObject value={element} />
            </>
          ))}
        </p>
      )
    case 'divider':
      return <hr />
    default:
      return <Unknown value={value} />
  }
}

/** `plain_text` as it is, `mrkdwn` with its marks. */
const TextObject = ({ value }: { value: Json | undefined }) => {
  const object = members(value)
  if (text(object.type) === 'mrkdwn') return <Mrkdwn text={text(object.text)} />
  if (text(object.type) === 'plain_text') return <bdi>{text(object.text)}</bdi>
  return <Unknown value={value} />
}

/** "User: Ada", or "*User*" and a line break before it: the label stands on its own where there is one. */
const Fields = ({ fields }: { fields: readonly Json[] }) => (
  <dl class="facts">
    {fields.map(value => {
      const { type = null, text: whole } = members(value)
      const [start = '', label = ''] = /^\*?([^\n:*]{1,40})(?:: |\*?\n)/u.exec(text(whole)) ?? []
      return (
        <>
          <dt>
            <bdi>{label}</bdi>
          </dt>
          <dd>
            <TextObject value={{ type, text: text(whole).slice(start.length) }} />
          </dd>
        </>
      )
    })}
  </dl>
)

const RichParts = ({ parts }: { parts: readonly Json[] }) => (
  <>
    {parts.map(part => {
      const { type, elements } = members(part)
      switch (text(type)) {
        case 'rich_text_section':
          return (
            <p dir="auto">
              <Leaves leaves={list(elements)} />
            </p>
          )
        case 'rich_text_quote':
        case 'rich_text_preformatted':
          return (
            <blockquote dir="auto">
              <Leaves leaves={list(elements)} />
            </blockquote>
          )
        case 'rich_text_list':
          return (
            <ul>
              {list(elements).map(item => (
                <li dir="auto">
                  <Leaves leaves={list(members(item).elements)} />
                </li>
              ))}
            </ul>
          )
        default:
          return <Unknown value={part} />
      }
    })}
  </>
)

const Leaves = ({ leaves }: { leaves: readonly Json[] }) => (
  <>
    {leaves.map(leaf => (
      <Leaf value={leaf} />
    ))}
  </>
)

const Leaf = ({ value }: { value: Json }) => {
  const leaf = members(value)
  switch (text(leaf.type)) {
    case 'text':
      return styled(text(leaf.text), members(leaf.style))
    case 'link':
      return <LinkText label={text(leaf.text) || null} url={text(leaf.url)} />
    case 'emoji':
      return <>:{text(leaf.name)}:</>
    case 'broadcast':
      return <Ping text={`@${text(leaf.range)}`} />
    case 'user':
      return <Ping text={`@${text(leaf.user_id)}`} />
    case 'usergroup':
      return <Ping text={`@${text(leaf.usergroup_id)}`} />
    default:
      return <Unknown value={value} />
  }
}

const styled = (words: string, style: Members) => {
  let shown: ComponentChildren = words
  if (style.code === true) shown = <code>{shown}</code>
  if (style.bold === true) shown = <strong>{shown}</strong>
  if (style.italic === true) shown = <em>{shown}</em>
  if (style.strike === true) shown = <s>{shown}</s>
  return <>{shown}</>
}

const Unknown = ({ value }: { value: Json | undefined }) => (
  <code>
    <bdi>{JSON.stringify(value ?? null)}</bdi>
  </code>
)
