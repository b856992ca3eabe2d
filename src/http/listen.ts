/** Taking the service's addresses, or saying in a sentence why they cannot be had. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** An address that cannot be listened on; the message is a sentence that says what to do. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

export type Place = { readonly host: string; readonly port: number }

/** Where the service can be reached from this machine, once it listens. @throws AddressRefused */
export const listen = async (app: FastifyInstance, place: Place): Promise<string> => {
  try {
    await app.listen({ host: place.host, port: place.port })
  } catch (error) {
    throw refusedAddress(error, place, '"server.port" in the configuration, or --port')
  }
  const { port } = app.server.address() as AddressInfo // it listens on TCP
  const host = place.host === '0.0.0.0' || place.host === '::' ? '127.0.0.1' : place.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** @param key where another port is chosen */
export const refusedAddress = (error: unknown, { host, port }: Place, key: string): AddressRefused => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const where = `${host}:${port}`
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program. Stop it, or choose another port with ${key}.`,
    EACCES: `This user may not listen on ${where}. Choose a port above 1023 with ${key}.`,
    EADDRNOTAVAIL: `This machine does not have the address ${host}. Choose another host in the configuration.`,
  }
  return new AddressRefused(sentences[String(code)] ?? `It is not possible to listen on ${where} (${code}).`, {
    cause: error,
  })
}
