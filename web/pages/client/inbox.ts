/** Keeps the evaluation inbox fresh: asks for the page again every two seconds while it can be seen, and replaces what changed.
 *  A message that did not change keeps its element, so open disclosures, scroll and focus stay; one that did keeps its open state. */

const EVERY_MS = 2_000
let revision = ''

const refresh = async (): Promise<void> => {
  const answer = await fetch(location.href, {
    headers: revision ? { 'if-none-match': revision } : {},
    cache: 'no-store',
  })
  if (answer.status !== 200) return
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  revision = answer.headers.get('etag') ?? ''
  for (const part of document.querySelectorAll<HTMLElement>('[data-live]')) {
    const next = fresh.querySelector<HTMLElement>(`[data-live="${part.dataset.live}"]`)
    if (!next) continue
    if (part.dataset.live === 'landed') replaceMessages(part, next)
    else replaceUnlessFocused(part, next)
  }
  document.dispatchEvent(new Event('support-relay:replaced'))
}

const replaceUnlessFocused = (part: HTMLElement, next: HTMLElement): void => {
  if (!part.contains(document.activeElement)) part.replaceChildren(...next.childNodes)
}

const replaceMessages = (list: HTMLElement, next: HTMLElement): void => {
  const known = new Map(items(list).map(item => [item.dataset.key, item]))
  let newCount = 0
  const wanted = items(next).map(item => {
    const old = known.get(item.dataset.key)
    if (!old) newCount++
    if (!old || old.dataset.version === item.dataset.version) return old ?? item
    takeOver(old, item)
    return item
  })
  // Only what is out of place is moved: moving an element would take its focus away.
  wanted.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null)
  })
  while (list.children.length > wanted.length) list.lastElementChild?.remove()
  const announce = document.getElementById('announce')
  if (announce && newCount > 0) announce.textContent = newCount === 1 ? 'One new message' : `${newCount} new messages`
}

/** The fresh version of a message opens what was open and takes the focus that the old one had. */
const takeOver = (old: HTMLElement, item: HTMLElement): void => {
  const wasOpen = old.querySelector('details')?.open ?? false
  const details = item.querySelector('details')
  if (details) details.open = wasOpen
  const focused = old.contains(document.activeElement) ? document.activeElement?.localName : undefined
  old.replaceWith(item)
  if (focused) item.querySelector<HTMLElement>(focused)?.focus()
}

const items = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(':scope > li')]

for (const words of document.querySelectorAll<HTMLElement>('[data-live-hint]')) words.hidden = true
for (const words of document.querySelectorAll<HTMLElement>('[data-live-words]')) words.hidden = false

setInterval(() => {
  // A server that is gone for a moment (somebody pulled the plug) is asked again two seconds later.
  if (document.visibilityState === 'visible') refresh().catch(() => undefined)
}, EVERY_MS)
