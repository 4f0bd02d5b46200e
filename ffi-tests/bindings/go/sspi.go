// Package sspi is SSPI for Go, by cgo.
//
//	me, err := sspi.Outbound("Negotiate", &sspi.Identity{User: "alice", Domain: "EXAMPLE", Password: "secret"})
//	if err != nil {
//		return err
//	}
//	defer me.Close()
//	client := sspi.NewClient(me, "HTTP/server.example", sspi.ClientDefaults)
//	defer client.Close()
//	token, err := client.Step(nil)
//
// A Credential may be used by any number of goroutines; a Context belongs to one at a time. What is not
// closed is given back by the garbage collector.
package sspi

/*
#cgo pkg-config: sspi
#include <sspi.h>
#include <stdlib.h>
#include <string.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Identity is a user and a password.
type Identity struct {
	User, Domain, Password string
}

// Credential is who one is, for one package.
type Credential struct {
	handle C.SecHandle
	open   bool
}

// Outbound makes a client's credential for "NTLM", "Kerberos" or "Negotiate"; nil is the user whom the machine
// is logged on as.
func Outbound(pkg string, who *Identity) (*Credential, error) {
	return acquire(pkg, C.SECPKG_CRED_OUTBOUND, who)
}

// Inbound makes a server's credential.
func Inbound(pkg string) (*Credential, error) {
	return acquire(pkg, C.SECPKG_CRED_INBOUND, nil)
}

func acquire(pkg string, use C.uint32_t, who *Identity) (*Credential, error) {
	name := newText(pkg)
	defer name.free()
	var auth unsafe.Pointer
	if who != nil {
		user, domain, password := newText(who.User), newText(who.Domain), newText(who.Password)
		defer user.free()
		defer domain.free()
		defer password.free()
		// In C's memory, since it holds pointers.
		identity := (*C.SEC_WINNT_AUTH_IDENTITY_A)(C.calloc(1, C.sizeof_SEC_WINNT_AUTH_IDENTITY_A))
		defer C.free(unsafe.Pointer(identity))
		identity.User, identity.UserLength = user.bytes(), user.length
		identity.Domain, identity.DomainLength = domain.bytes(), domain.length
		identity.Password, identity.PasswordLength = password.bytes(), password.length
		identity.Flags = C.SEC_WINNT_AUTH_IDENTITY_ANSI
		auth = unsafe.Pointer(identity)
	}
	credential := new(Credential)
	var expiry C.TimeStamp
	status := C.AcquireCredentialsHandleA(nil, name.start, use, nil, auth, nil, nil, &credential.handle, &expiry)
	if err := check("AcquireCredentialsHandle", status); err != nil {
		return nil, err
	}
	credential.open = true
	runtime.SetFinalizer(credential, (*Credential).Close)
	return credential, nil
}

// Close gives the credential back. Contexts that were made with it go on; closing twice does nothing.
func (c *Credential) Close() error {
	if !c.open {
		return nil
	}
	c.open = false
	runtime.SetFinalizer(c, nil)
	return check("FreeCredentialsHandle", C.FreeCredentialsHandle(&c.handle))
}

// The protections that are asked for unless one asks for others.
const (
	ClientDefaults = C.ISC_REQ_CONFIDENTIALITY | C.ISC_REQ_INTEGRITY | C.ISC_REQ_REPLAY_DETECT | C.ISC_REQ_SEQUENCE_DETECT
	ServerDefaults = C.ASC_REQ_CONFIDENTIALITY | C.ASC_REQ_INTEGRITY | C.ASC_REQ_REPLAY_DETECT | C.ASC_REQ_SEQUENCE_DETECT
)

// advance is the call that takes a token and makes the next one.
type advance func(c *Context, in, out *C.SecBufferDesc) (C.SECURITY_STATUS, error)

// Context is one end of a conversation.
type Context struct {
	handle     C.SecHandle
	begun      bool
	complete   bool
	attributes C.uint32_t
	credential *Credential
	advance    advance
}

// NewClient makes the end that speaks first. The target is the service's name, class/host.
func NewClient(credential *Credential, target string, flags uint32) *Context {
	return newContext(credential, func(c *Context, in, out *C.SecBufferDesc) (C.SECURITY_STATUS, error) {
		name := newText(target)
		defer name.free()
		if !c.begun {
			in = nil
		}
		var expiry C.TimeStamp
		status := C.InitializeSecurityContextA(&credential.handle, c.existing(), name.start,
			C.uint32_t(flags)|C.ISC_REQ_ALLOCATE_MEMORY, 0, C.SECURITY_NATIVE_DREP, in, 0, &c.handle, out,
			&c.attributes, &expiry)
		return status, check("InitializeSecurityContext", status)
	})
}

// NewServer makes the end that decides who may come in.
func NewServer(credential *Credential, flags uint32) *Context {
	return newContext(credential, func(c *Context, in, out *C.SecBufferDesc) (C.SECURITY_STATUS, error) {
		var expiry C.TimeStamp
		status := C.AcceptSecurityContext(&credential.handle, c.existing(), in,
			C.uint32_t(flags)|C.ASC_REQ_ALLOCATE_MEMORY, C.SECURITY_NATIVE_DREP, &c.handle, out,
			&c.attributes, &expiry)
		return status, check("AcceptSecurityContext", status)
	})
}

func newContext(credential *Credential, advance advance) *Context {
	c := &Context{credential: credential, advance: advance}
	runtime.SetFinalizer(c, (*Context).Close)
	return c
}

func (c *Context) existing() *C.SecHandle {
	if !c.begun {
		return nil
	}
	return &c.handle
}

// Close gives the context back; closing twice does nothing.
func (c *Context) Close() error {
	runtime.SetFinalizer(c, nil)
	if !c.begun {
		return nil
	}
	c.begun, c.complete = false, false
	return check("DeleteSecurityContext", C.DeleteSecurityContext(&c.handle))
}

// Step takes the peer's token and returns the one for the peer, which is empty when there is none to send.
func (c *Context) Step(token []byte) ([]byte, error) {
	in := newMessage(part{C.SECBUFFER_TOKEN, token, 0})
	defer in.free()
	out := newMessage(part{C.SECBUFFER_TOKEN, nil, 0})
	defer out.free()
	status, err := c.advance(c, in.description, out.description)
	if err != nil {
		return nil, err
	}
	c.begun = true
	answer := out.taken(0)
	C.FreeContextBuffer(out.buffers[0].pvBuffer)
	if status == C.SEC_I_COMPLETE_NEEDED || status == C.SEC_I_COMPLETE_AND_CONTINUE {
		if err := check("CompleteAuthToken", C.CompleteAuthToken(&c.handle, in.description)); err != nil {
			return nil, err
		}
	}
	c.complete = status == C.SEC_E_OK || status == C.SEC_I_COMPLETE_NEEDED
	return answer, nil
}

// Complete tells whether this end has all that it needs.
func (c *Context) Complete() bool { return c.complete }

// Attributes are ISC_RET_* or ASC_RET_*: what the connection offers.
func (c *Context) Attributes() uint32 { return uint32(c.attributes) }

// Wrap seals: what the peer's Unwrap opens.
func (c *Context) Wrap(data []byte) ([]byte, error) {
	sizes, err := c.sizes()
	if err != nil {
		return nil, err
	}
	message := newMessage(part{C.SECBUFFER_TOKEN, nil, int(sizes.cbSecurityTrailer)},
		part{C.SECBUFFER_DATA, data, 0}, part{C.SECBUFFER_PADDING, nil, int(sizes.cbBlockSize)})
	defer message.free()
	if err := check("EncryptMessage", C.EncryptMessage(&c.handle, 0, message.description, 0)); err != nil {
		return nil, err
	}
	// Token and padding may be shorter than what was set aside for them.
	return append(append(message.taken(0), message.taken(1)...), message.taken(2)...), nil
}

// Unwrap opens what the peer's Wrap made.
func (c *Context) Unwrap(sealed []byte) ([]byte, error) {
	message := newMessage(part{C.SECBUFFER_STREAM, sealed, 0}, part{C.SECBUFFER_DATA, nil, 0})
	defer message.free()
	if err := check("DecryptMessage", C.DecryptMessage(&c.handle, message.description, 0, nil)); err != nil {
		return nil, err
	}
	return message.taken(1), nil
}

// Sign makes a signature to send beside the data.
func (c *Context) Sign(data []byte) ([]byte, error) {
	sizes, err := c.sizes()
	if err != nil {
		return nil, err
	}
	message := newMessage(part{C.SECBUFFER_DATA, data, 0}, part{C.SECBUFFER_TOKEN, nil, int(sizes.cbMaxSignature)})
	defer message.free()
	if err := check("MakeSignature", C.MakeSignature(&c.handle, 0, message.description, 0)); err != nil {
		return nil, err
	}
	return message.taken(1), nil
}

// Verify returns MessageAltered unless the signature is the peer's.
func (c *Context) Verify(data, signature []byte) error {
	message := newMessage(part{C.SECBUFFER_DATA, data, 0}, part{C.SECBUFFER_TOKEN, signature, 0})
	defer message.free()
	return check("VerifySignature", C.VerifySignature(&c.handle, message.description, 0, nil))
}

// User is the client, DOMAIN\user.
func (c *Context) User() (string, error) {
	var names C.SecPkgContext_NamesA
	if err := c.query(C.SECPKG_ATTR_NAMES, unsafe.Pointer(&names)); err != nil {
		return "", err
	}
	defer C.FreeContextBuffer(unsafe.Pointer(names.sUserName))
	return C.GoString(names.sUserName), nil
}

// Package is the package that did the work: of Negotiate, the one that was chosen.
func (c *Context) Package() (string, error) {
	var info C.SecPkgContext_PackageInfoA
	if err := c.query(C.SECPKG_ATTR_PACKAGE_INFO, unsafe.Pointer(&info)); err != nil {
		return "", err
	}
	defer C.FreeContextBuffer(unsafe.Pointer(info.PackageInfo))
	return C.GoString(info.PackageInfo.Name), nil
}

func (c *Context) sizes() (C.SecPkgContext_Sizes, error) {
	var sizes C.SecPkgContext_Sizes
	err := c.query(C.SECPKG_ATTR_SIZES, unsafe.Pointer(&sizes))
	return sizes, err
}

func (c *Context) query(attribute C.uint32_t, answer unsafe.Pointer) error {
	return check("QueryContextAttributes", C.QueryContextAttributesA(&c.handle, attribute, answer))
}
