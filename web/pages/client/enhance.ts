/** On every page, for readers with a script: Copy buttons that work, and times in the reader's own zone.
 *  One file without imports, as it is served under a name made from its content. */

const enhance = (root: ParentNode): void => {
  // Without a secure context there is no clipboard, and then no button that would not work.
  if (navigator.clipboard)
    for (const button of root.querySelectorAll<HTMLButtonElement>('button[data-copy]')) button.hidden = false
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-local]')) showLocally(time)
}

const showLocally = (time: HTMLTimeElement): void => {
  const at = new Date(time.dateTime)
  const isToday = at.toDateString() === new Date().toDateString()
  time.title = time.textContent ?? ''
  time.textContent = at.toLocaleString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(time.dataset.local === 'second' && { second: '2-digit' }),
    ...(!isToday && { day: 'numeric', month: 'long' }),
  })
  delete time.dataset.local
}

const copy = async (button: HTMLButtonElement): Promise<void> => {
  const words = button.querySelector('span')
  const announce = document.getElementById('announce')
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? '')
  } catch {
    if (announce) announce.textContent = 'Could not copy. Select the text instead.'
    return
  }
  if (words) words.textContent = 'Copied'
  if (announce) announce.textContent = 'Copied'
  setTimeout(() => {
    if (words) words.textContent = 'Copy'
    if (announce) announce.textContent = ''
  }, 2_000)
}

document.addEventListener('click', event => {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button[data-copy]') : null
  if (button) void copy(button)
})
document.addEventListener('support-relay:replaced', () => enhance(document))
enhance(document)
