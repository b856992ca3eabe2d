/** What somebody wrote, what finds it, and what does not: everything typed is meant literally. */
export type Spelling = {
  readonly what: string
  readonly text: string
  readonly finds: readonly string[]
  readonly misses: readonly string[]
}

export const SPELLINGS: readonly Spelling[] = [
  {
    what: 'words are found whole, in any case and order',
    text: 'The Printer smokes.',
    finds: ['printer', 'PRINTER', 'smokes the', ' smokes ', 'smokes.', 'printer printer'],
    misses: ['print', 'rinter', 'printers', 'printer chimney', 'smoke*'],
  },
  {
    what: 'one letter and one digit are words',
    text: 'x is 3 and not y',
    finds: ['x', '3', 'Y', 'x 3'],
    misses: ['i', '4', 'n'],
  },
  {
    what: 'operators are plain text',
    text: 'alpha AND beta NOT gamma OR NEAR(delta, 5)',
    finds: ['alpha AND beta', 'beta alpha', 'or', 'not', 'NEAR(delta', 'near(delta, 5)', 'gamma OR alpha'],
    misses: [
      'near(alpha beta)',
      'alpha OR epsilon',
      'alpha AND epsilon',
      'alph*',
      'alpha*',
      'subject:alpha',
      'tokens : alpha',
      '^alpha',
      'alpha + beta',
    ],
  },
  {
    what: 'signs in a text are found when asked for',
    text: 'see foo* and -x, a:b, ^top, {tokens}: 100% of $5 & more',
    finds: ['foo*', '-x', 'a:b', '^top', '100%', '$5', '&', '{tokens}', '%', '{'],
    misses: ['200%', '5€', '[', 'fo*'],
  },
  {
    what: 'quotes part no words and make no phrase',
    text: 'He said "disk full" twice',
    finds: [
      '"disk full"',
      '"disk',
      'disk"',
      '"full disk"',
      '""',
      '"',
      'disk full',
      '“disk full”',
      '"said" "twice"',
      "'disk'",
    ],
    misses: ['"disk empty"', '«'],
  },
  {
    what: 'an apostrophe is one, whichever it is',
    text: "I don’t know O'Brien’s `code`",
    finds: ["don't", 'don’t', 'don´t', "o'brien", 'O’Brien', 'brien', "o'brien's", 'code', '`code`', "'"],
    misses: ['dont', "can't", "don's"],
  },
  {
    what: 'a path, an address, a version are found by their parts, and as a whole only where they stand so',
    text: 'GET /app/jobs/42?x=1 from ada@sdu.dk on 10.0.0.1 with v2.14.1 in C:\\Temp\\my_file.txt',
    finds: [
      '/app/jobs',
      'app/jobs',
      'jobs/42',
      'jobs',
      'ada@sdu.dk',
      'sdu.dk',
      'sdu',
      '10.0.0.1',
      'v2.14.1',
      'c:\\temp\\my_file.txt',
      'my_file',
      'file.txt',
      '/',
    ],
    misses: ['/jobs/app', 'app/42', 'ada@dk', '10.1.0.0', 'v2.1', 'temp/my/txt', 'my_txt'],
  },
  {
    what: 'C++ is not C, nor C#',
    text: 'my C++ code',
    finds: ['c++', 'C++', 'c', '++'],
    misses: ['c#', 'f#', '#', 'c+-/'],
  },
  {
    what: 'Chinese and Japanese are found as substrings, one character too',
    text: '日本語のテストをサーバーで。',
    finds: ['日本語', '本語', '日', 'テスト', 'サーバー', 'バー', '日本 テスト', 'のテ', '。'],
    misses: ['日語', '語本', '中', 'ストテ', '東京'],
  },
  {
    what: 'Korean and Thai are found as substrings',
    text: '서버가 멈췄어요 ระบบล่ม',
    finds: ['서버', '서버가', '멈췄', 'ระบบ', 'ล่ม'],
    misses: ['버서', '가서', 'บล'.repeat(2)],
  },
  {
    what: 'scripts side by side are found each',
    text: 'iPhone手机v2坏了',
    finds: ['iphone', '手机', 'iPhone手机', 'v2', '坏了', '机'],
    misses: ['手坏', 'phone', 'v'],
  },
  {
    what: 'case is folded in every script',
    text: 'Straße ΟΔΟΣ Москва ÅRHUS İstanbul',
    finds: ['STRASSE', 'straße', 'οδος', 'Οδοσ', 'МОСКВА', 'århus', 'istanbul', 'ISTANBUL', 'ıstanbul'],
    misses: ['strase', 'odos'],
  },
  {
    what: 'an accent is part of its letter, however it is encoded',
    text: 'Cafe\u0301 på ﬁn Ｆｕｌｌ',
    finds: ['café', 'CAFÉ', 'cafe\u0301', 'på', 'PÅ', 'fin', 'full', 'ｆｕｌｌ'],
    misses: ['cafe', 'pa'],
  },
  {
    what: 'what nobody sees parts no word',
    text: 'sup\u00adport \u200bhid\u200dden\ufeff می\u200cخواهم',
    finds: ['support', 'hidden', 'می‌خواهم', 'sup\u200bport'],
    misses: ['sup', 'den'],
  },
  {
    what: 'emoji and other signs are words of their own',
    text: 'Works 👍 for 👩‍👩‍👧 → done ❤️',
    finds: ['👍', '👩‍👩‍👧', '→', '❤', '❤️', 'works👍'],
    misses: ['👎', '←', '🎉'],
  },
  {
    what: 'what looks like SQL is text',
    text: "Robert'); drop table tickets;--",
    finds: ["robert'); drop table tickets;--", "');", '--', 'drop;'],
    misses: ["' or 1=1 --", "' or ''='", '%', '_'],
  },
  {
    what: 'a very long word is found, and only by itself',
    text: `token ${'abcdef0123456789'.repeat(20)}`,
    finds: ['abcdef0123456789'.repeat(20), 'token'],
    misses: ['abcdef0123456789', 'bcdef0123456789'.repeat(20)],
  },
]
