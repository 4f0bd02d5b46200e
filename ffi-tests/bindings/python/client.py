"""Logs on over TCP and exchanges sealed messages.

    client.py PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]
"""

import socket
import sys

import samples
import sspi


def log_on(server, client):
    token = client.step()
    while True:
        if token:
            server.send(token)
        if client.complete:
            return
        token = client.step(server.receive())


def main(port, domain, user, password, package="NTLM", target="host/server.example"):
    with (
        sspi.Credential(package, user=user, domain=domain, password=password) as credential,
        sspi.Initiator(credential, target) as client,
        samples.Connection(socket.create_connection(("127.0.0.1", int(port)))) as server,
    ):
        try:
            log_on(server, client)
            print(f"logging on as: {client.names()}\npackage: {client.package()}", flush=True)
            server.hear(client)
        except samples.Closed:
            print("the server closed the connection: it does not let us in")
            return samples.REFUSED
        server.say(client, "Thank you. The answer is 42.")
    return samples.GOOD


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
