// Package samples is what the two samples share: messages over TCP with a length in front, and how they end.
package samples

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"libsspi.example/sspi"
)

// How the samples end.
const (
	Good    = 0
	Trouble = 1
	Refused = 2
)

const limit = 1 << 20

// Connection sends and receives messages: a length in four bytes, then so many.
type Connection struct{ net.Conn }

func (c Connection) Send(message []byte) error {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(message)))
	_, err := c.Write(append(frame, message...))
	return err
}

func (c Connection) Receive() ([]byte, error) {
	var length uint32
	if err := binary.Read(c, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	if length > limit {
		return nil, errors.New("a message that is too long")
	}
	message := make([]byte, length)
	_, err := io.ReadFull(c, message)
	return message, err
}

// Say seals a text and sends it. The peer is told how long the signature is, which stands in front.
func (c Connection) Say(context *sspi.Context, text string) error {
	sealed, err := context.Wrap([]byte(text))
	if err != nil {
		return err
	}
	signature := binary.BigEndian.AppendUint32(nil, uint32(len(sealed)-len(text)))
	fmt.Printf("says: %q\n", text)
	return c.Send(append(signature, sealed...))
}

// Hear receives a sealed text and prints it.
func (c Connection) Hear(context *sspi.Context) error {
	message, err := c.Receive()
	if err != nil {
		return err
	}
	if len(message) < 4 {
		return errors.New("a message that is too short")
	}
	text, err := context.Unwrap(message[4:])
	if err == nil {
		fmt.Printf("hears: %q\n", text)
	}
	return err
}

// Describe prints who logged on, by which package.
func Describe(who string, context *sspi.Context) error {
	user, err := context.User()
	if err != nil {
		return err
	}
	pkg, err := context.Package()
	if err == nil {
		fmt.Printf("%s: %s\npackage: %s\n", who, user, pkg)
	}
	return err
}

// Exit ends the program as its error says.
func Exit(err error) {
	switch {
	case err == nil:
		os.Exit(Good)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		fmt.Println("the server closed the connection: it does not let us in")
		os.Exit(Refused)
	case errors.Is(err, sspi.LogonDenied):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(Refused)
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(Trouble)
	}
}
