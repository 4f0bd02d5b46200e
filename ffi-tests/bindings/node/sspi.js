// SSPI for Node, by koffi.
//
//     import { Credential, Client } from './sspi.js'
//
//     const me = Credential.outbound('Negotiate', { user: 'alice', domain: 'EXAMPLE', password: 'secret' })
//     const client = new Client(me, 'HTTP/server.example')
//     let token = await client.step()
//
// A step of a logon may wait for a KDC, so it runs on another thread and is a promise; all else is done at
// once. The library is the file that SSPI_LIBRARY names, else libsspi.so.

import koffi from 'koffi'
import { promisify } from 'node:util'

// Handles are opaque and copied by value: here they are objects of two numbers.
koffi.struct('SecHandle', { dwLower: 'uintptr_t', dwUpper: 'uintptr_t' })
const SecBuffer = koffi.struct('SecBuffer', { cbBuffer: 'uint32_t', BufferType: 'uint32_t', pvBuffer: 'void *' })
const SecBufferDesc = koffi.struct('SecBufferDesc', { ulVersion: 'uint32_t', cBuffers: 'uint32_t', pBuffers: 'void *' })
const Sizes = koffi.struct('SecPkgContext_Sizes', {
  cbMaxToken: 'uint32_t', cbMaxSignature: 'uint32_t', cbBlockSize: 'uint32_t', cbSecurityTrailer: 'uint32_t',
})
const SecPkgInfo = koffi.struct('SecPkgInfoA', {
  fCapabilities: 'uint32_t', wVersion: 'uint16_t', wRPCID: 'uint16_t', cbMaxToken: 'uint32_t', Name: 'str', Comment: 'str',
})
koffi.struct('SEC_WINNT_AUTH_IDENTITY_A', {
  User: 'str', UserLength: 'uint32_t', Domain: 'str', DomainLength: 'uint32_t',
  Password: 'str', PasswordLength: 'uint32_t', Flags: 'uint32_t',
})

const library = koffi.load(process.env.SSPI_LIBRARY ?? 'libsspi.so')
const declare = (declaration) => library.func(`int32_t ${declaration}`)
const AcquireCredentialsHandle = declare('AcquireCredentialsHandleA(const char *principal, const char *package, uint32_t use, void *logonId, void *identity, void *getKey, void *argument, _Out_ SecHandle *credential, _Out_ int64_t *expiry)')
const FreeCredentialsHandle = declare('FreeCredentialsHandle(SecHandle *credential)')
const InitializeSecurityContext = declare('InitializeSecurityContextA(SecHandle *credential, SecHandle *existing, const char *target, uint32_t flags, uint32_t reserved, uint32_t representation, void *input, uint32_t reserved2, _Inout_ SecHandle *context, void *output, _Out_ uint32_t *attributes, _Out_ int64_t *expiry)')
const AcceptSecurityContext = declare('AcceptSecurityContext(SecHandle *credential, SecHandle *existing, void *input, uint32_t flags, uint32_t representation, _Inout_ SecHandle *context, void *output, _Out_ uint32_t *attributes, _Out_ int64_t *expiry)')
const CompleteAuthToken = declare('CompleteAuthToken(SecHandle *context, void *token)')
const DeleteSecurityContext = declare('DeleteSecurityContext(SecHandle *context)')
const QueryContextAttributes = declare('QueryContextAttributesA(SecHandle *context, uint32_t attribute, _Out_ void *answer)')
const FreeContextBuffer = declare('FreeContextBuffer(void *block)')
const EncryptMessage = declare('EncryptMessage(SecHandle *context, uint32_t quality, void *message, uint32_t number)')
const DecryptMessage = declare('DecryptMessage(SecHandle *context, void *message, uint32_t number, void *quality)')
const MakeSignature = declare('MakeSignature(SecHandle *context, uint32_t quality, void *message, uint32_t number)')
const VerifySignature = declare('VerifySignature(SecHandle *context, void *message, uint32_t number, void *quality)')

const INBOUND = 1, OUTBOUND = 2, ANSI = 1, NATIVE_REPRESENTATION = 0x10, ALLOCATE_MEMORY = 0x100
const DATA = 1, TOKEN = 2, PADDING = 9, STREAM = 10
const ATTRIBUTE_SIZES = 0, ATTRIBUTE_NAMES = 1, ATTRIBUTE_PACKAGE_INFO = 10
const NO_HANDLE = 2n ** BigInt(8 * koffi.sizeof('uintptr_t')) - 1n

const OK = 0, COMPLETE_NEEDED = 0x00090313, COMPLETE_AND_CONTINUE = 0x00090314

const STATUS_NAMES = new Map(Object.entries({
  SEC_E_INSUFFICIENT_MEMORY: 0x80090300, SEC_E_INVALID_HANDLE: 0x80090301, SEC_E_UNSUPPORTED_FUNCTION: 0x80090302,
  SEC_E_TARGET_UNKNOWN: 0x80090303, SEC_E_INTERNAL_ERROR: 0x80090304, SEC_E_SECPKG_NOT_FOUND: 0x80090305,
  SEC_E_INVALID_TOKEN: 0x80090308, SEC_E_QOP_NOT_SUPPORTED: 0x8009030A, SEC_E_NO_IMPERSONATION: 0x8009030B,
  SEC_E_LOGON_DENIED: 0x8009030C, SEC_E_UNKNOWN_CREDENTIALS: 0x8009030D, SEC_E_NO_CREDENTIALS: 0x8009030E,
  SEC_E_MESSAGE_ALTERED: 0x8009030F, SEC_E_OUT_OF_SEQUENCE: 0x80090310, SEC_E_NO_AUTHENTICATING_AUTHORITY: 0x80090311,
  SEC_E_CONTEXT_EXPIRED: 0x80090317, SEC_E_INCOMPLETE_MESSAGE: 0x80090318, SEC_E_BUFFER_TOO_SMALL: 0x80090321,
  SEC_E_WRONG_PRINCIPAL: 0x80090322, SEC_E_TIME_SKEW: 0x80090324, SEC_E_BAD_BINDINGS: 0x80090346,
  SEC_E_INVALID_PARAMETER: 0x8009035D,
}).map(([name, status]) => [status, name]))

/** A call that failed: `code` is the status by name, 'SEC_E_LOGON_DENIED', `status` its number. */
export class SspiError extends Error {
  constructor(call, status) {
    const code = STATUS_NAMES.get(status >>> 0) ?? 'SECURITY_STATUS'
    super(`${call}: ${code} (0x${(status >>> 0).toString(16).toUpperCase()})`)
    this.name = 'SspiError'
    this.code = code
    this.status = status >>> 0
  }
}

function check(call, status) {
  if (status < 0) throw new SspiError(call, status)
  return status
}

/** A SecBufferDesc and all that it points to, in one block that stays where it is. */
class Message {
  constructor(...parts) {
    const head = koffi.sizeof(SecBufferDesc) + parts.length * koffi.sizeof(SecBuffer)
    this.size = head + parts.reduce((sum, [, bytes]) => sum + bytes.length, 0)
    this.block = koffi.alloc('uint8_t', this.size)
    this.count = parts.length
    const first = this.block + BigInt(koffi.sizeof(SecBufferDesc))
    koffi.encode(this.block, SecBufferDesc, { ulVersion: 0, cBuffers: parts.length, pBuffers: first })
    let at = head
    parts.forEach(([type, bytes], index) => {
      const start = bytes.length > 0 ? this.block + BigInt(at) : null
      koffi.encode(this.#place(index), SecBuffer, { cbBuffer: bytes.length, BufferType: type, pvBuffer: start })
      if (start !== null) koffi.encode(start, 'uint8_t', bytes, bytes.length)
      at += bytes.length
    })
  }

  #place(index) {
    return this.block + BigInt(koffi.sizeof(SecBufferDesc) + index * koffi.sizeof(SecBuffer))
  }

  buffer(index) {
    return koffi.decode(this.#place(index), SecBuffer)
  }

  /** What a buffer holds after the call. */
  bytes(index) {
    const { cbBuffer, pvBuffer } = this.buffer(index)
    return cbBuffer > 0 ? Buffer.from(koffi.decode(pvBuffer, 'uint8_t', cbBuffer)) : Buffer.alloc(0)
  }

  free() {
    koffi.encode(this.block, 'uint8_t', Buffer.alloc(this.size), this.size)
    koffi.free(this.block)
  }
}

function using(message, work) {
  try {
    return work(message)
  } finally {
    message.free()
  }
}

/** Owns a handle: what is not closed is given back when the collector finds it. */
class Owner {
  static #registry = new FinalizationRegistry(({ handle, release }) => release(handle))

  handle = { dwLower: NO_HANDLE, dwUpper: NO_HANDLE }
  #release

  own(release) {
    this.#release = release
    Owner.#registry.register(this, { handle: { ...this.handle }, release }, this)
  }

  get owned() {
    return this.#release !== undefined
  }

  close() {
    if (!this.owned) return
    Owner.#registry.unregister(this)
    this.#release(this.handle)
    this.#release = undefined
    this.handle = { dwLower: NO_HANDLE, dwUpper: NO_HANDLE }
  }
}
// For `using`, where the language has it.
if (Symbol.dispose) Owner.prototype[Symbol.dispose] = Owner.prototype.close

/** Who one is, for 'NTLM', 'Kerberos' or 'Negotiate'. */
export class Credential extends Owner {
  /** A client's; without an identity, of the user whom the machine is logged on as. */
  static outbound(packageName, identity) {
    return new Credential(packageName, OUTBOUND, identity)
  }

  /** A server's. */
  static inbound(packageName) {
    return new Credential(packageName, INBOUND)
  }

  constructor(packageName, use, identity) {
    super()
    const { user = '', domain = '', password = '' } = identity ?? {}
    const fields = {
      User: user, UserLength: Buffer.byteLength(user), Domain: domain, DomainLength: Buffer.byteLength(domain),
      Password: password, PasswordLength: Buffer.byteLength(password), Flags: ANSI,
    }
    const auth = identity ? koffi.as(fields, 'SEC_WINNT_AUTH_IDENTITY_A *') : null
    const handle = {}
    check('AcquireCredentialsHandle',
      AcquireCredentialsHandle(null, packageName, use, null, auth, null, null, handle, [0]))
    this.handle = handle
    this.own(FreeCredentialsHandle)
  }
}

/** One end of a conversation: what client and server share. */
class Context extends Owner {
  #busy = false

  constructor(credential) {
    super()
    this.credential = credential
    this.complete = false
    /** ISC_RET_* or ASC_RET_*: what the connection offers. */
    this.attributes = 0
  }

  /** Takes the peer's token and promises the one for the peer, which is empty when there is none to send. */
  async step(token = Buffer.alloc(0)) {
    if (this.#busy) throw new Error('a step is under way')
    this.#busy = true
    const input = new Message([TOKEN, token]), output = new Message([TOKEN, Buffer.alloc(0)])
    try {
      const handle = { ...this.handle }, attributes = [0]
      const status = await this.advance(this.owned ? this.handle : null, handle, input.block, output.block, attributes)
      if (!this.owned) {
        this.handle = handle
        this.own(DeleteSecurityContext)
      }
      this.attributes = attributes[0]
      const answer = output.bytes(0)
      FreeContextBuffer(output.buffer(0).pvBuffer)
      if (status === COMPLETE_NEEDED || status === COMPLETE_AND_CONTINUE)
        check('CompleteAuthToken', CompleteAuthToken(this.handle, input.block))
      this.complete = status === OK || status === COMPLETE_NEEDED
      return answer
    } finally {
      input.free()
      output.free()
      this.#busy = false
    }
  }

  close() {
    if (this.#busy) throw new Error('a step is under way')
    super.close()
  }

  /** Seals: what the peer's unwrap opens. */
  wrap(data) {
    const { cbSecurityTrailer, cbBlockSize } = this.#sizes()
    const parts = [[TOKEN, Buffer.alloc(cbSecurityTrailer)], [DATA, Buffer.from(data)], [PADDING, Buffer.alloc(cbBlockSize)]]
    return using(new Message(...parts), (message) => {
      check('EncryptMessage', EncryptMessage(this.handle, 0, message.block, 0))
      // Token and padding may be shorter than what was set aside for them.
      return Buffer.concat(parts.map((_, index) => message.bytes(index)))
    })
  }

  /** Opens what the peer's wrap made. */
  unwrap(sealed) {
    return using(new Message([STREAM, sealed], [DATA, Buffer.alloc(0)]), (message) => {
      check('DecryptMessage', DecryptMessage(this.handle, message.block, 0, null))
      return message.bytes(1)
    })
  }

  /** A signature to send beside the data. */
  sign(data) {
    const room = Buffer.alloc(this.#sizes().cbMaxSignature)
    return using(new Message([DATA, Buffer.from(data)], [TOKEN, room]), (message) => {
      check('MakeSignature', MakeSignature(this.handle, 0, message.block, 0))
      return message.bytes(1)
    })
  }

  /** Throws SspiError (SEC_E_MESSAGE_ALTERED) unless the signature is the peer's. */
  verify(data, signature) {
    using(new Message([DATA, Buffer.from(data)], [TOKEN, signature]), (message) =>
      check('VerifySignature', VerifySignature(this.handle, message.block, 0, null)))
  }

  /** The client, DOMAIN\user. */
  get user() {
    const name = koffi.decode(this.#query(ATTRIBUTE_NAMES), 'void *')
    try {
      return koffi.decode.string(name)
    } finally {
      FreeContextBuffer(name)
    }
  }

  /** The package that did the work: of Negotiate, the one that was chosen. */
  get package() {
    const info = koffi.decode(this.#query(ATTRIBUTE_PACKAGE_INFO), 'void *')
    try {
      return koffi.decode(info, SecPkgInfo).Name
    } finally {
      FreeContextBuffer(info)
    }
  }

  #sizes() {
    return koffi.decode(this.#query(ATTRIBUTE_SIZES), Sizes)
  }

  #query(attribute) {
    const answer = Buffer.alloc(koffi.sizeof(Sizes))
    check('QueryContextAttributes', QueryContextAttributes(this.handle, attribute, answer))
    return answer
  }
}

/** The end that speaks first. */
export class Client extends Context {
  /** Confidentiality, integrity, and that no message is lost or comes twice. */
  static DEFAULTS = 0x1001C
  static #initialize = promisify(InitializeSecurityContext.async)

  /** `target` is the service's name, class/host. */
  constructor(credential, target, flags = Client.DEFAULTS) {
    super(credential)
    this.target = target
    this.flags = (flags | ALLOCATE_MEMORY) >>> 0
  }

  async advance(existing, handle, input, output, attributes) {
    return check('InitializeSecurityContext', await Client.#initialize(
      this.credential.handle, existing, this.target, this.flags, 0, NATIVE_REPRESENTATION,
      existing && input, 0, handle, output, attributes, [0]))
  }
}

/** The end that decides who may come in. */
export class Server extends Context {
  static DEFAULTS = 0x2001C
  static #accept = promisify(AcceptSecurityContext.async)

  constructor(credential, flags = Server.DEFAULTS) {
    super(credential)
    this.flags = (flags | ALLOCATE_MEMORY) >>> 0
  }

  async advance(existing, handle, input, output, attributes) {
    return check('AcceptSecurityContext', await Server.#accept(
      this.credential.handle, existing, input, this.flags, NATIVE_REPRESENTATION, handle, output, attributes, [0]))
  }
}
