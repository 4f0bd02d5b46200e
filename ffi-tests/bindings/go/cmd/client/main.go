// Client logs on over TCP and exchanges sealed messages.
//
//	client PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]
package main

import (
	"errors"
	"net"
	"os"

	"libsspi.example/sspi"
	"libsspi.example/sspi/internal/samples"
)

func main() { samples.Exit(run(os.Args[1:])) }

func run(arguments []string) error {
	if len(arguments) < 4 {
		return errors.New("usage: client PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]")
	}
	pkg, target := "NTLM", "host/server.example"
	if len(arguments) > 4 {
		pkg = arguments[4]
	}
	if len(arguments) > 5 {
		target = arguments[5]
	}
	who := sspi.Identity{User: arguments[2], Domain: arguments[1], Password: arguments[3]}
	credential, err := sspi.Outbound(pkg, &who)
	if err != nil {
		return err
	}
	defer credential.Close()
	client := sspi.NewClient(credential, target, sspi.ClientDefaults)
	defer client.Close()

	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", arguments[0]))
	if err != nil {
		return err
	}
	defer conn.Close()
	server := samples.Connection{Conn: conn}
	if err := logOn(server, client); err != nil {
		return err
	}
	if err := samples.Describe("logging on as", client); err != nil {
		return err
	}
	if err := server.Hear(client); err != nil {
		return err
	}
	return server.Say(client, "Thank you. The answer is 42.")
}

func logOn(server samples.Connection, client *sspi.Context) error {
	var received []byte
	for {
		token, err := client.Step(received)
		if err != nil {
			return err
		}
		if len(token) > 0 {
			if err := server.Send(token); err != nil {
				return err
			}
		}
		if client.Complete() {
			return nil
		}
		if received, err = server.Receive(); err != nil {
			return err
		}
	}
}
