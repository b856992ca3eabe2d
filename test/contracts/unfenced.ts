/** Reading a message that stands in a fence of Markdown, as a reader sees it. */

/** What stands in the text's last fence; undefined when there is none. */
export const unfenced = (text: string): string | undefined =>
  /(?:^|\n)(`{3,})\n(.*)\n\1$/s.exec(text)?.[2]?.replaceAll('\u02cb', '`')
