import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNoProxy } from './no-proxy.ts'

const cases: readonly (readonly [list: string, direct: readonly string[], proxied: readonly string[]])[] = [
  [
    '',
    ['localhost:80', 'a.localhost:80', '127.0.0.1:443', '127.9.9.9:443', '[::1]:443', '[::ffff:127.0.0.1]:443'],
    ['example.org:443', '10.0.0.1:80', 'localhost.example.org:80'],
  ],
  ['*', ['example.org:443', '10.0.0.1:80', '[2001:db8::1]:443'], []],
  [
    'example.org',
    ['example.org:443', 'a.example.org:80', 'EXAMPLE.org.:443'],
    ['notexample.org:443', 'example.org.evil.test:443', 'org:443'],
  ],
  ['.example.org', ['example.org:443', 'a.b.example.org:443'], ['notexample.org:443']],
  ['*.example.org', ['a.example.org:443'], ['notexample.org:443']],
  ['Example.ORG.', ['example.org:443'], []],
  ['bücher.example', ['xn--bcher-kva.example:443'], []],
  ['example.org:8443', ['example.org:8443', 'a.example.org:8443'], ['example.org:443', 'a.example.org:80']],
  ['10.0.0.0/8', ['10.1.2.3:443', '[::ffff:10.1.2.3]:443'], ['11.0.0.1:443', 'ten.example:443']],
  ['10.0.0.1:80', ['10.0.0.1:80'], ['10.0.0.1:443', '10.0.0.2:80']],
  ['fd00::/8', ['[fd00::1]:443'], ['[2001:db8::1]:443']],
  ['[fd00::1]:80', ['[fd00::1]:80'], ['[fd00::1]:443', '[fd00::2]:80']],
  ['2001:db8::1', ['[2001:db8::1]:443', '[2001:db8:0:0::1]:443'], ['[2001:db8::2]:443']],
  ['a.test,b.test c.test\td.test', ['a.test:1', 'b.test:1', 'c.test:1', 'd.test:1'], ['e.test:1']],
  [' , ,, ', [], ['example.org:443']],
  ['10.0.0.0/33, http://x, :80, a..b', [], ['x:443', 'example.org:80', '10.0.0.1:443']],
]

for (const [list, direct, proxied] of cases) {
  test(`NO_PROXY=${JSON.stringify(list)}`, () => {
    const isDirect = createNoProxy(list)
    const asked = (text: string) => {
      const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? []
      return isDirect(host, Number(port))
    }
    for (const text of direct) assert.equal(asked(text), true, `${text} goes straight`)
    for (const text of proxied) assert.equal(asked(text), false, `${text} goes through the proxy`)
  })
}
