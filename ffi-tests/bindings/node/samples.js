// What the two samples share: TCP on loopback, and messages with a length in front.

import { SspiError } from './sspi.js'

const GOOD = 0, TROUBLE = 1, REFUSED = 2
const LIMIT = 1 << 20

/** The peer hung up. */
class Closed extends Error {}

function number(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A message is its length in four bytes, then itself. */
export class Connection {
  #chunks
  #received = Buffer.alloc(0)

  constructor(socket) {
    this.socket = socket
    this.#chunks = socket[Symbol.asyncIterator]()
  }

  send(message) {
    this.socket.write(Buffer.concat([number(message.length), message]))
  }

  async receive() {
    const length = (await this.#take(4)).readUInt32BE()
    if (length > LIMIT) throw new RangeError('a message that is too long')
    return this.#take(length)
  }

  async #take(length) {
    while (this.#received.length < length) {
      const { done, value } = await this.#chunks.next().catch((error) => {
        if (error.code === 'ECONNRESET') return { done: true }
        throw error
      })
      if (done) throw new Closed('the peer closed the connection')
      this.#received = Buffer.concat([this.#received, value])
    }
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken
  }

  /** Seals a text and sends it. The peer is told how long the signature is, which stands in front. */
  say(context, text) {
    const data = Buffer.from(text), sealed = context.wrap(data)
    this.send(Buffer.concat([number(sealed.length - data.length), sealed]))
    console.log(`says: "${text}"`)
  }

  async hear(context) {
    const message = await this.receive()
    console.log(`hears: "${context.unwrap(message.subarray(4))}"`)
  }

  close() {
    this.socket.end()
  }
}

/** Runs a sample and ends as it did. */
export async function main(sample) {
  try {
    await sample(...process.argv.slice(2))
    process.exitCode = GOOD
  } catch (error) {
    if (error instanceof Closed) console.log('the server closed the connection: it does not let us in')
    else console.error(error instanceof SspiError ? error.message : error)
    process.exitCode = error instanceof Closed || error.code === 'SEC_E_LOGON_DENIED' ? REFUSED : TROUBLE
  }
}
