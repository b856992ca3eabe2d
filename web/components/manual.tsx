/** Parts of the page about the API: a call, a shape, its properties. */
import type { CallWords, FieldWords, ModelWords, TypeWords } from '../../src/api/manual.ts'
import { Icon } from './icon.tsx'
import { Wording } from './wording.tsx'

export const Call = ({ call, request }: { call: CallWords; request: ModelWords | undefined }) => (
  <section id={call.name} aria-labelledby={`${call.name}-title`}>
    <h3 id={`${call.name}-title`}>
      <a href={`#${call.name}`}>{call.name}</a>
    </h3>
    <p class="soft">{call.summary}</p>
    <p class="address">
      <strong>{call.method}</strong> <code>{call.path}</code>
      <span class="chip">{call.who === 'staff' ? 'Staff (role ADMIN)' : 'Users'}</span>
    </p>
    <p>
      <Wording text={call.description} />
    </p>
    <table class="sides">
      <tbody>
        <Side name="Request" model={call.request} note={call.method === 'GET' ? 'in the query' : 'JSON'} />
        <Side name="Response" model={call.response} note="200, JSON" />
        <Side name="Error" model="CommonErrorMessage" note={statuses(call)} />
      </tbody>
    </table>
    <h4 id={call.request}>{call.request}</h4>
    {request && <Properties fields={request.fields} none="It takes nothing." />}
    {call.headers.length > 0 && (
      <>
        <h4>Request headers</h4>
        <dl class="properties">
          {call.headers.map(({ name, description }) => (
            <div key={name}>
              <dt>
                <code>{name}</code> <span class="faint">optional</span>
              </dt>
              <dd>
                <Wording text={description} />
              </dd>
            </div>
          ))}
        </dl>
      </>
    )}
    <Errors call={call} />
  </section>
)

export const Model = ({ model }: { model: ModelWords }) => (
  <section id={model.name} aria-labelledby={`${model.name}-title`}>
    <h3 id={`${model.name}-title`}>
      <a href={`#${model.name}`}>{model.name}</a>
    </h3>
    <p class="soft">
      <Wording text={model.description} />
    </p>
    <Properties fields={model.fields} none="It has no properties of its own." />
  </section>
)

const Side = ({ name, model, note }: { name: string; model: string; note: string }) => (
  <tr>
    <th scope="row">{name}</th>
    <td>
      <a href={`#${model}`}>
        <code>{model}</code>
      </a>{' '}
      <span class="faint">{note}</span>
    </td>
  </tr>
)

const statuses = ({ errors }: CallWords): string => [...new Set(errors.map(({ status }) => status))].join(', ')

const Properties = ({ fields, none }: { fields: readonly FieldWords[]; none: string }) =>
  fields.length === 0 ? (
    <p class="small faint">{none}</p>
  ) : (
    <dl class="properties">
      {fields.map(({ name, type, isOptional, description, values }) => (
        <div key={name}>
          <dt>
            <code>{name}</code> <Type type={type} />
            {isOptional && <span class="faint">optional</span>}
          </dt>
          <dd>
            <Wording text={description} />
            {values.length > 0 && (
              <span class="values">
                {values.map(value => (
                  <code key={value}>{value}</code>
                ))}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )

const Type = ({ type: { name, model, isList, isNullable } }: { type: TypeWords }) => (
  <span class="soft">
    {isList && 'list of '}
    {model === null ? name : <a href={`#${model}`}>{name}</a>}
    {isNullable && ' or null'}
  </span>
)

const Errors = ({ call }: { call: CallWords }) => (
  <details class="disclosure">
    <summary>
      <Icon name="chevron" />
      Errors of {call.name}
      <span class="faint">{call.errors.length}</span>
    </summary>
    <div>
      <dl class="properties">
        {call.errors.map(({ code, status, meaning }) => (
          <div key={code}>
            <dt>
              <span class="soft">{status}</span> <code>{code}</code>
            </dt>
            <dd>
              <Wording text={meaning} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  </details>
)
