// Every operation of the API as a page, made of the description that the server itself gives.
import { parse } from 'yaml'

/** The page, from the text of openapi.yaml. */
export function operations(text) {
  const api = parse(text)
  const all = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })))
  const groups = api.tags.map(({ name, description }) => [
    `## ${name[0].toUpperCase()}${name.slice(1)}`,
    plain(description),
    ...all.filter((o) => o.tags[0] === name).map((o) => operation(o, api)),
  ])
  return [
    '# Every operation of the API',
    plain(api.info.description),
    'This page is made of [openapi.yaml](/openapi.yaml). A server has the same at `/v1/openapi.json`, and a page to ' +
      'try it on at `/docs`. How to begin, and what holds everywhere, is told in [The API](/api).',
    ...groups.flat(),
  ].join('\n\n') + '\n'
}

function operation(o, api) {
  const body = content(o.requestBody)
  const answer = content(o.responses['200'])
  const refusals = Object.entries(o.responses).filter(([status]) => status !== '200')
  return [
    `### ${o.summary}`,
    '```http\n' + `${o.method} ${o.path}` + '\n```',
    plain(o.description ?? ''),
    table('parameter', (o.parameters ?? []).map((p) => parameter(p, api)), api),
    table('field of the body', fields(body?.schema, api), api),
    body?.example && 'For example:\n\n' + json(body.example),
    answer?.example && 'Answer:\n\n' + json(answer.example),
    `Refusals and failures: ${refusals.map(([status]) => status).join(', ')} ([all of them](/problems)).`,
  ].filter(Boolean).join('\n\n')
}

/** A parameter, also one that many operations have. */
function parameter(p, api) {
  const one = p.$ref ? api.components.parameters[p.$ref.split('/').pop()] : p
  return { ...one, need: one.required }
}

const content = (o) => Object.values(o?.content ?? {})[0]

const json = (value) => '```json\n' + JSON.stringify(value, null, 2) + '\n```'

const known = (schema, api) => (schema?.$ref ? api.components.schemas[schema.$ref.split('/').pop()] : schema) ?? {}

/** The fields of a body, those of what is in it under its name. */
function fields(schema, api, before = '', depth = 0) {
  const s = known(schema, api)
  return Object.entries(s.properties ?? {}).flatMap(([name, field]) => {
    const inner = known(field.items ?? field, api)
    const full = before + name + (field.items ? '[]' : '')
    const own = { name: full, need: s.required?.includes(name), schema: field }
    return inner.properties && depth < 2 ? [own, ...fields(inner, api, full + '.', depth + 1)] : [own]
  })
}

function table(what, rows, api) {
  if (!rows.length) return ''
  const line = (row) => {
    const place = row.in ? `, ${row.in}` : ''
    const told = describe(row.schema, api).replace(/\|/g, '\\|').replace(/\n+/g, ' ')
    return `| \`${row.name}\`${row.need ? ' *' : ''} | ${kind(known(row.schema, api), api)}${place} | ${plain(told)} |`
  }
  return [`| ${what} | | |`, '|---|---|---|', ...rows.map(line)].join('\n')
}

function kind(s, api) {
  const one = [s.type].flat().filter((t) => t && t !== 'null').join(' or ')
  if (s.type === 'array') return `list of ${kind(known(s.items, api), api)}`
  return s.format && s.format !== 'int64' ? `${one}, ${s.format}` : one
}

function describe(schema, api) {
  const s = known(schema, api)
  const told = schema.description ?? s.description ?? ''
  const choices = s.enum ?? s.items?.enum
  return choices ? `${told} One of ${choices.map((c) => `\`${c}\``).join(' ')}.` : told
}

/** Text that stands in a page as it is. */
const plain = (text) => text.replace(/\{\{/g, '{ {')
