package sspi

/*
#include <sspi.h>
#include <stdlib.h>
#include <string.h>
*/
import "C"

import "unsafe"

// text is a string in C's memory, wiped when it goes: one of them is a password.
type text struct {
	start  *C.char
	length C.uint32_t
}

func newText(s string) text { return text{C.CString(s), C.uint32_t(len(s))} }

func (t text) bytes() *C.uchar { return (*C.uchar)(unsafe.Pointer(t.start)) }

func (t text) free() {
	C.memset(unsafe.Pointer(t.start), 0, C.size_t(t.length))
	C.free(unsafe.Pointer(t.start))
}

// part is a buffer to be: its type, and either its content or room for what the library writes.
type part struct {
	kind    C.uint32_t
	content []byte
	room    int
}

// message is a SecBufferDesc with all that it points to, in one block of C's memory: Go's may not hold pointers
// that C sees.
type message struct {
	block       unsafe.Pointer
	size        C.size_t
	description *C.SecBufferDesc
	buffers     []C.SecBuffer
}

func newMessage(parts ...part) *message {
	head := int(C.sizeof_SecBufferDesc) + len(parts)*int(C.sizeof_SecBuffer)
	size := head
	for _, p := range parts {
		size += len(p.content) + p.room
	}
	m := &message{block: C.calloc(1, C.size_t(size)), size: C.size_t(size)}
	m.description = (*C.SecBufferDesc)(m.block)
	first := (*C.SecBuffer)(unsafe.Add(m.block, C.sizeof_SecBufferDesc))
	m.buffers = unsafe.Slice(first, len(parts))
	*m.description = C.SecBufferDesc{C.SECBUFFER_VERSION, C.uint32_t(len(parts)), first}
	at := head
	for i, p := range parts {
		length := len(p.content) + p.room
		m.buffers[i] = C.SecBuffer{cbBuffer: C.uint32_t(length), BufferType: p.kind}
		if length > 0 {
			start := unsafe.Add(m.block, at)
			copy(unsafe.Slice((*byte)(start), length), p.content)
			m.buffers[i].pvBuffer = start
			at += length
		}
	}
	return m
}

// taken copies what a buffer holds after the call.
func (m *message) taken(i int) []byte {
	return C.GoBytes(m.buffers[i].pvBuffer, C.int(m.buffers[i].cbBuffer))
}

func (m *message) free() {
	C.memset(m.block, 0, m.size)
	C.free(m.block)
}
