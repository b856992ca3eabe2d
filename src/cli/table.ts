/** Lines for a terminal: columns, and rules in words. */

/** A rule's condition. */
export type Asked = { readonly [key: string]: readonly string[] | undefined }

/** `type: BUG, role: USER or ADMIN`. */
export const askedInWords = (when: Asked | null): string =>
  when === null
    ? 'everything else'
    : Object.entries(when)
        .map(([key, values]) => `${key}: ${(values ?? []).join(' or ')}`)
        .join(', ')

/** Columns side by side, indented. */
export const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widthOf = (column: number) => Math.max(0, ...rows.map(row => row[column]?.length ?? 0))
  return rows.map(row => `  ${row.map((cell, column) => cell.padEnd(widthOf(column))).join('  ')}`.trimEnd())
}
