// Puts the pages together in .vitepress/site, as the site has them. Files stay where they are in the repository, with
// links that work there; here each link is made one of the site. What the site does not have is named and not linked.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { address, everyPage, sections, top } from './pages.mjs'
import { operations } from './openapi.mjs'

const site = fileURLToPath(new URL('site/', import.meta.url))
const pages = everyPage()
const addresses = new Map([...pages].map(([at, file]) => [file, address(at)]))

rmSync(site, { recursive: true, force: true })
for (const [at, file] of pages) {
  write(at, linked(readFileSync(path.join(top, file), 'utf8'), file))
}
write('reference/api', operations(readFileSync(path.join(top, 'docs/openapi.yaml'), 'utf8')))
publish('docs/openapi.yaml', 'openapi.yaml')
// The switch of languages leads from every page to the one of the other language, also where no side bar does.
const named = new Map(sections.flatMap((s) => s.pages).map((page) => [page.at, page.zh]))
for (const at of new Set([...pages.keys(), ...named.keys()])) {
  if (!at.startsWith('zh/') && !pages.has(`zh/${at}`)) write(`zh/${at}`, inEnglishOnly(at))
}

function write(at, text) {
  const file = path.join(site, at.replace(/(^|\/)README$/, '$1index') + '.md')
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A file that pages lead to and that is no page. */
function publish(file, at) {
  const to = path.join(site, 'public', at)
  mkdirSync(path.dirname(to), { recursive: true })
  copyFileSync(path.join(top, file), to)
  return '/' + at
}

/** The page that stands in Chinese for one that there is in English only. */
function inEnglishOnly(at) {
  const title = named.get(at) ?? readFileSync(path.join(top, pages.get(at)), 'utf8').match(/^# (.*)$/m)?.[1] ?? at
  return `---\nsearch: false\n---\n\n# ${title}\n\n本页[只有英文版](${address(at)})。\n`
}

/** The text with every relative link made one of the site, but not in examples. */
function linked(text, file) {
  const parts = text.replace(/<!--[^]*?-->\n*/g, '').split(/(^```[^]*?^```)/m)
  return parts.map((part, i) => (i % 2 ? part : links(part, file))).join('')
}

function links(text, file) {
  return text.replace(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)|`[^`]*`/g, (whole, picture, label, to) => {
    if (!to || /^[a-z]+:/.test(to) || to.startsWith('#')) return whole
    const [name, part] = to.split('#')
    const target = path.join(path.dirname(file), name).replace(/\/$/, '')
    if (!existsSync(path.join(top, target))) throw new Error(`${file} links to ${to}, which is not there`)
    if (picture) return `![${label}](${publish(target, target)})`
    const found = onSite(target)
    return found ? `[${label}](${found}${part ? '#' + part : ''})` : label
  })
}

function onSite(target) {
  if (addresses.has(target)) return addresses.get(target)
  if (target === 'docs/openapi.yaml') return '/openapi.yaml'
  if (statSync(path.join(top, target)).isDirectory()) return addresses.get(path.join(target, 'README.md'))
}
