#!/usr/bin/env node
/* Launcher in plain old JavaScript, so that it also starts on a Node that is too old for the service:
   it finds Node 24 (the bundled platform package when the system's own is older) and runs the command line in it. */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const main = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'src', 'cli', 'main.js')

if (!existsSync(main)) {
  console.error(
    'support-relay: the compiled program is missing. Run "npm run build" in the checkout, or reinstall the package.',
  )
  process.exit(1)
}

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  await import(main)
} else {
  relaunch(bundledNode())
}

function bundledNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`)
  } catch {
    console.error(
      `support-relay needs Node ${NEEDED} or newer; this is ${process.version} and no bundled Node fits ${process.platform}-${process.arch}. Install Node ${NEEDED}.`,
    )
    process.exit(1)
  }
}

function relaunch(node) {
  // The ipc channel ends the child when this launcher is gone, even by kill -9 (src/cli/main.ts listens for it).
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, SUPPORT_RELAY_LAUNCHED: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    console.error(`support-relay: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal) process.exit(128 + 9)
    process.exit(code ?? 1)
  })
}
