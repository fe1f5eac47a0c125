// The pages of the site: which there are, from which files of the repository, in which language.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const top = fileURLToPath(new URL('../..', import.meta.url))
export const listed = JSON.parse(readFileSync(new URL('pages.json', import.meta.url), 'utf8'))

const here = (file) => existsSync(path.join(top, file))

/** The files that a listed page is made of, by language; none in Chinese where there is only the one in English. */
function files(page) {
  const en = page.from ?? `docs/${page.at}.md`
  const zh = [`docs/zh/${page.at}.md`, en.replace(/\.md$/, '.zh.md')].find(here)
  return { en, zh }
}

/** The sections of the side bar. A page that is optional is there once its file is. */
export const sections = listed.map((section) => ({
  ...section,
  pages: section.pages
    .map((page) => ({ ...page, files: files(page) }))
    .filter((page) => !page.optional || here(page.files.en)),
}))

/** Every page: the path on the site without its ending → the file it is made of. */
export function everyPage() {
  const all = new Map()
  for (const page of sections.flatMap((s) => s.pages)) {
    if (!page.made) all.set(page.at, page.files.en)
    if (page.files.zh) all.set(`zh/${page.at}`, page.files.zh)
  }
  const taken = new Set(all.values())
  for (const file of readdirSync(path.join(top, 'docs'), { recursive: true })) {
    const source = `docs/${file}`
    if (!file.endsWith('.md') || file.startsWith('.') || taken.has(source)) continue
    all.set(file.replace(/^(.*)\.zh\.md$/, 'zh/$1.md').replace(/\.md$/, ''), source)
  }
  return all
}

/** How the site calls a page: README of a folder is its index. */
export const address = (at) => '/' + at.replace(/(^|\/)(README|index)$/, '$1')
