/** What a machine can tell about how a page looks. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

export const axeFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    // What changes its colour gradually is looked at when it has.
    const changing = document.getAnimations().filter(each => each instanceof CSSTransition)
    await Promise.all(changing.map(({ finished }) => finished))
    const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run() // put there by the line above
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(' | ')}`)
  })
}

/** By how much the page scrolls sideways. */
export const pixelsTooWide = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
