// Logs on over TCP and exchanges sealed messages.
//
//     node client.js PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]

import { once } from 'node:events'
import net from 'node:net'
import { Client, Credential } from './sspi.js'
import { Connection, main } from './samples.js'

async function logOn(server, client) {
  let token = await client.step()
  for (;;) {
    if (token.length > 0) server.send(token)
    if (client.complete) return
    token = await client.step(await server.receive())
  }
}

await main(async (port, domain, user, password, packageName = 'NTLM', target = 'host/server.example') => {
  if (password === undefined) throw new Error('usage: client.js PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]')
  const credential = Credential.outbound(packageName, { user, domain, password })
  const client = new Client(credential, target)
  const socket = net.connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  const server = new Connection(socket)
  try {
    await logOn(server, client)
    console.log(`logging on as: ${client.user}\npackage: ${client.package}`)
    await server.hear(client)
    server.say(client, 'Thank you. The answer is 42.')
  } finally {
    server.close()
    client.close()
    credential.close()
  }
})
