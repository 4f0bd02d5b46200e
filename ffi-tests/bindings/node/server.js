// Authenticates one client over TCP and exchanges sealed messages. It prints the port that it listens on.
//
//     NTLM_USER_FILE=accounts node server.js [PACKAGE]

import { once } from 'node:events'
import net from 'node:net'
import { Credential, Server } from './sspi.js'
import { Connection, main } from './samples.js'

async function waitForClient() {
  const listener = net.createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  console.log(`listening on port ${listener.address().port}`)
  const [socket] = await once(listener, 'connection')
  listener.close()
  return new Connection(socket)
}

async function authenticate(client, server) {
  while (!server.complete) {
    const token = await server.step(await client.receive())
    if (token.length > 0) client.send(token)
  }
}

await main(async (packageName = 'NTLM') => {
  const credential = Credential.inbound(packageName)
  const server = new Server(credential)
  const client = await waitForClient()
  try {
    await authenticate(client, server)
    console.log(`authenticated: ${server.user}\npackage: ${server.package}`)
    client.say(server, 'Welcome. This line is sealed.')
    await client.hear(server)
  } finally {
    client.close()
    server.close()
    credential.close()
  }
})
