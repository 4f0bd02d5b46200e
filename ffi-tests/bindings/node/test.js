// What the binding promises, both ends in one process. The accounts are those of NTLM_USER_FILE.
//
//     node --expose-gc test.js

import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Credential, Server } from './sspi.js'

const ALICE = { user: 'alice', domain: 'EXAMPLE', password: 'Password123!' }
const PACKAGES = ['NTLM', 'Negotiate']

function pair(packageName, identity = ALICE) {
  const client = new Client(Credential.outbound(packageName, identity), 'host/server.example')
  return [client, new Server(Credential.inbound(packageName))]
}

async function logOn([client, server]) {
  let token = await client.step()
  while (!(client.complete && server.complete)) {
    token = await server.step(token)
    if (!client.complete) token = await client.step(token)
  }
  return [client, server]
}

function close(...ends) {
  for (const end of ends) {
    end.close()
    end.credential.close()
  }
}

async function logsOnAndSeals(packageName) {
  const [client, server] = await logOn(pair(packageName))
  assert.equal(server.user, 'EXAMPLE\\alice')
  assert.equal(server.package, 'NTLM')
  for (const [sender, receiver] of [[client, server], [server, client]]) {
    for (const text of ['hello \0 and on', '', 'x'.repeat(10000)]) {
      const sealed = sender.wrap(text)
      assert(text === '' || !sealed.includes(text))
      assert.equal(receiver.unwrap(sealed).toString(), text)
    }
    receiver.verify('signed', sender.sign('signed'))
  }
  const signature = client.sign('signed')
  assert.throws(() => server.verify('sealed', signature), { code: 'SEC_E_MESSAGE_ALTERED' })
  close(client, server)
}

for (const packageName of PACKAGES) {
  test(`${packageName} logs on and seals`, () => logsOnAndSeals(packageName))

  test(`${packageName} refuses what is wrong`, async () => {
    for (const wrong of [{ password: 'wrong' }, { user: 'nobody' }]) {
      const ends = pair(packageName, { ...ALICE, ...wrong })
      await assert.rejects(logOn(ends), { code: 'SEC_E_LOGON_DENIED' })
      assert(!ends[1].complete)
      close(...ends)
    }
  })
}

test('a package that is not there is refused by name', () => {
  const message = 'AcquireCredentialsHandle: SEC_E_SECPKG_NOT_FOUND (0x80090305)'
  assert.throws(() => Credential.inbound('Nonsense'), { name: 'SspiError', message })
})

test('an altered message is refused', async () => {
  const [client, server] = await logOn(pair('NTLM'))
  const sealed = client.wrap('hello')
  sealed[sealed.length - 1] ^= 1
  assert.throws(() => server.unwrap(sealed), { code: 'SEC_E_MESSAGE_ALTERED' })
  close(client, server)
})

test('a closed context refuses, and closes once', async () => {
  const [client, server] = await logOn(pair('NTLM'))
  close(client, server)
  close(client, server)
  assert.throws(() => client.wrap('hello'), { code: 'SEC_E_INVALID_HANDLE' })
})

test('a context takes one step at a time', async () => {
  const [client, server] = pair('NTLM')
  const first = client.step()
  await assert.rejects(client.step(), /under way/)
  assert.throws(() => client.close(), /under way/)
  await first
  close(client, server)
})

test('any name logs on', async () => {
  const ends = await logOn(pair('NTLM', { user: 'müller', domain: 'EXAMPLE', password: 'pässwörd ß€' }))
  assert.equal(ends[1].user, 'EXAMPLE\\müller')
  close(...ends)
})

test('many log on side by side', async () => {
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 8 }, () => logsOnAndSeals('Negotiate')))
})

test('the collector gives back what is not closed', async () => {
  let found = 0
  const registry = new FinalizationRegistry(() => found++)
  async function forget() {
    const ends = await logOn(pair('NTLM'))
    ends.flatMap((end) => [end, end.credential]).forEach((owner) => registry.register(owner))
  }
  for (let n = 0; n < 10; n++) await forget()
  // What the last of them left on the way is overwritten by another.
  await logsOnAndSeals('NTLM')
  for (let turn = 0; turn < 100 && found < 40; turn++) {
    global.gc()
    await sleep(1)
  }
  // One turn more, in which the owners hear of it too.
  await sleep(1)
  assert.equal(found, 40)
})
