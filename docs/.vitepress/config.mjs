import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { address, sections } from './pages.mjs'

const site = fileURLToPath(new URL('site', import.meta.url))

/** The side bar of a language. Chinese leads to the page in English where there is no other, and says so. */
function sidebar(language) {
  return sections.map((section) => ({
    text: section[language],
    items: section.pages.map((page) => {
      if (language === 'en') return { text: page.en, link: address(page.at) }
      if (page.files.zh) return { text: page.zh, link: address(`zh/${page.at}`) }
      return { text: `${page.zh}（英文）`, link: address(page.at) }
    }),
  }))
}

/** Anchors of headings as GitHub makes them, so that a link leads to the same place there and here. */
const slugify = (heading) =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replace(/\s/g, '-')

/** Puts drawings into the page, so that their text can be selected and their colours follow the page's. */
function drawings(md) {
  const image = md.renderer.rules.image
  md.renderer.rules.image = (tokens, i, options, env, self) => {
    const file = tokens[i].attrGet('src')
    if (!file.endsWith('.svg')) return image(tokens, i, options, env, self)
    const alt = md.utils.escapeHtml(tokens[i].content)
    const drawing = readFileSync(`${site}/public${decodeURI(file)}`, 'utf8')
      .replace(/<\?xml[^>]*\?>|<style>[^]*?<\/style>|<title>[^]*?<\/title>/g, '')
      .replace('<svg ', `<svg v-pre role="img" aria-label="${alt}" `)
      .replace(/\n\s*/g, '')
    return `<span class="drawing">${drawing}</span>`
  }
}

/** Lines that end between two Chinese characters are joined: there is no space in Chinese. */
function joinChinese(md) {
  const wide = /[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]/
  md.core.ruler.push('join-chinese', ({ tokens }) => {
    for (const { children } of tokens) {
      children?.forEach((token, i) => {
        const before = children[i - 1]?.content ?? ''
        const after = children[i + 1]?.content ?? ''
        if (token.type === 'softbreak' && (wide.test(before.slice(-1)) || wide.test(after.slice(0, 1)))) {
          token.type = 'text'
          token.content = ''
        }
      })
    }
  })
}

const chinese = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
  modal: {
    displayDetails: '显示详细内容',
    resetButtonTitle: '清除',
    backButtonTitle: '关闭',
    noResultsText: '没有找到',
    footer: { selectText: '选择', navigateText: '移动', closeText: '关闭' },
  },
}

/** Search takes Chinese apart by its words, as the runtime knows them. */
function words(text) {
  const found = text.toLowerCase().match(/[\p{Script=Han}]+|[\p{L}\p{N}_-]+/gu) ?? []
  return found.flatMap((part) => {
    if (!/\p{Script=Han}/u.test(part)) return [part]
    const pairs = [...part].map((c, i, all) => c + (all[i + 1] ?? ''))
    return pairs.length > 1 ? pairs.slice(0, -1) : pairs
  })
}

export default defineConfig({
  title: 'Tongka',
  description: 'A self-hosted server for member cards',
  srcDir: site,
  cleanUrls: false,
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    html: false,
    attrs: { disable: true },
    anchor: { slugify },
    config(md) {
      md.use(drawings)
      md.use(joinChinese)
    },
  },
  vite: { publicDir: `${site}/public` },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: { sidebar: sidebar('en') } },
    zh: {
      label: '中文',
      lang: 'zh-CN',
      title: '通卡',
      description: '自己运行的会员卡服务器',
      themeConfig: {
        sidebar: sidebar('zh'),
        outline: { label: '本页内容', level: [2, 3] },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '深色',
        lightModeSwitchTitle: '浅色',
        darkModeSwitchTitle: '深色',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '语言',
        skipToContentLabel: '跳到内容',
        notFound: { code: '404', title: '没有这个页面', quote: '', linkText: '回到首页', linkLabel: '回到首页' },
      },
    },
  },
  themeConfig: {
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: { locales: { zh: { translations: chinese } }, miniSearch: { options: { tokenize: words } } },
    },
  },
})
