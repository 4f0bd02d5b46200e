// Server authenticates one client over TCP and exchanges sealed messages. It prints the port that it listens on.
//
//	NTLM_USER_FILE=accounts server [PACKAGE]
package main

import (
	"fmt"
	"net"
	"os"

	"libsspi.example/sspi"
	"libsspi.example/sspi/internal/samples"
)

func main() { samples.Exit(run(os.Args[1:])) }

func run(arguments []string) error {
	pkg := "NTLM"
	if len(arguments) > 0 {
		pkg = arguments[0]
	}
	credential, err := sspi.Inbound(pkg)
	if err != nil {
		return err
	}
	defer credential.Close()
	server := sspi.NewServer(credential, sspi.ServerDefaults)
	defer server.Close()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Printf("listening on port %d\n", listener.Addr().(*net.TCPAddr).Port)
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	client := samples.Connection{Conn: conn}
	if err := authenticate(client, server); err != nil {
		return err
	}
	if err := samples.Describe("authenticated", server); err != nil {
		return err
	}
	if err := client.Say(server, "Welcome. This line is sealed."); err != nil {
		return err
	}
	return client.Hear(server)
}

func authenticate(client samples.Connection, server *sspi.Context) error {
	for !server.Complete() {
		received, err := client.Receive()
		if err != nil {
			return err
		}
		token, err := server.Step(received)
		if err != nil {
			return err
		}
		if len(token) > 0 {
			if err := client.Send(token); err != nil {
				return err
			}
		}
	}
	return nil
}
