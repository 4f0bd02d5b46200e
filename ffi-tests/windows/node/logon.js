'use strict';
// node-expose-sspi's addon as client and as server: over HTTP to a server of its own in this process, and to one whose
// acceptor is our library on another system.

const assert = require('assert');
const http = require('http');
const test = require('node:test');
const { sspi } = require('node-expose-sspi/lib/api');
const { version } = require('node-expose-sspi/package.json');

const ALICE = { user: 'alice', domain: 'EXAMPLE.TEST', password: 'Password123!' };
const USER = { user: 'user', domain: 'EXAMPLE', password: 'pass' };
const wrong = (who) => ({ ...who, password: 'wrong' });

function acquire(packageName, credentialUse, authData) {
  return sspi.AcquireCredentialsHandle({ packageName, credentialUse, ...(authData && { authData }) }).credential;
}

const tokens = (token) => ({ ulVersion: 0, buffers: [new Uint8Array(Buffer.from(token, 'base64')).buffer] });
const text = (context) => Buffer.from(context.SecBufferDesc.buffers[0]).toString('base64');

// The server: a context for each connection; the client's name as the answer.
function serve(packageName) {
  const credential = acquire(packageName, 'SECPKG_CRED_INBOUND');
  const contexts = new WeakMap();
  return http.createServer((request, response) => {
    const answer = (status, said, token) => {
      response.writeHead(status, { 'WWW-Authenticate': ['Negotiate', token].filter(Boolean).join(' ') });
      response.end(said);
    };
    const [, token] = (request.headers.authorization || '').split(' ');
    if (!token) return answer(401, 'who are you?');
    const contextHandle = contexts.get(request.socket);
    const input = { credential, SecBufferDesc: tokens(token), ...(contextHandle && { contextHandle }) };
    const context = sspi.AcceptSecurityContext(input);
    contexts.set(request.socket, context.contextHandle);
    if (context.SECURITY_STATUS === 'SEC_I_CONTINUE_NEEDED') return answer(401, 'go on', text(context));
    if (context.SECURITY_STATUS !== 'SEC_E_OK') return answer(401, context.SECURITY_STATUS);
    return answer(200, sspi.QueryContextAttributes(context.contextHandle, 'SECPKG_ATTR_NAMES').sUserName, text(context));
  });
}

function ask(port, agent, token) {
  return new Promise((resolve, reject) => {
    const headers = token ? { Authorization: `Negotiate ${token}` } : {};
    const request = http.get({ host: '127.0.0.1', port, agent, headers, timeout: 20000 }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part));
      response.on('end', () => resolve([response.statusCode, body, response.headers['www-authenticate']]));
    });
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('no answer')));
  });
}

// The client: what the server says in the end.
async function logOn(port, packageName, who) {
  const credential = acquire(packageName, 'SECPKG_CRED_OUTBOUND', who);
  const contextReq = ['ISC_REQ_CONFIDENTIALITY', 'ISC_REQ_MUTUAL_AUTH', 'ISC_REQ_REPLAY_DETECT'];
  const input = { credential, targetName: 'HTTP/localhost', isFirstCall: true, contextReq };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    let [status, body, challenge] = await ask(port, agent);
    while (status === 401 && (input.isFirstCall || challenge.includes(' '))) {
      if (!input.isFirstCall) input.SecBufferDesc = tokens(challenge.split(' ')[1]);
      const context = sspi.InitializeSecurityContext(input);
      input.isFirstCall = false;
      input.contextHandle = context.contextHandle;
      [status, body, challenge] = await ask(port, agent, text(context));
    }
    return [status, body];
  } finally {
    agent.destroy();
  }
}

const ran = (role, packageName) =>
  console.log(['@program', 'node-expose-sspi', version, role, packageName, 'ok'].join('\t'));

const own = (name, packageName, check) =>
  test(name, async () => {
    const server = serve(packageName);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await check(server.address().port);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

for (const packageName of ['NTLM', 'Negotiate']) {
  own(`${packageName}, its own server`, packageName, async (port) => {
    assert.deepStrictEqual(await logOn(port, packageName, USER), [200, 'EXAMPLE\\user']);
    assert.deepStrictEqual(await logOn(port, packageName, wrong(USER)), [401, 'SEC_E_LOGON_DENIED']);
    ran('client and server (secur32.dll)', packageName === 'NTLM' ? 'NTLM' : 'Negotiate (NTLM)');
  });
}

for (const packageName of ['Kerberos', 'Negotiate']) {
  own(`${packageName} in a realm, its own server`, packageName, async (port) => {
    assert.deepStrictEqual(await logOn(port, packageName), [200, 'alice@EXAMPLE.TEST']);
    assert.deepStrictEqual(await logOn(port, packageName, ALICE), [200, 'alice@EXAMPLE.TEST']);
    if (packageName === 'Kerberos') await assert.rejects(logOn(port, packageName, wrong(ALICE)), /8009030c/);
    else assert.deepStrictEqual(await logOn(port, packageName, wrong(ALICE)), [401, 'SEC_E_LOGON_DENIED']);
    ran('client and server (secur32.dll)', packageName === 'Kerberos' ? 'Kerberos' : 'Negotiate (Kerberos)');
  });
}

test('a server on another system', async () => {
  const port = process.env.WEB_PORT;
  assert.deepStrictEqual(await logOn(port, 'Negotiate', USER), [200, 'EXAMPLE\\user by NTLM']);
  assert.deepStrictEqual(await logOn(port, 'Negotiate'), [200, 'alice@EXAMPLE.TEST by Kerberos']);
  const [status, said] = await logOn(port, 'Negotiate', wrong(USER));
  assert.deepStrictEqual([status, /LOGON_DENIED/.test(said)], [401, true]);
});
