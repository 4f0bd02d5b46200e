"""Authenticates one client over TCP and exchanges sealed messages. It prints the port that it listens on.

    NTLM_USER_FILE=accounts server.py [PACKAGE]
"""

import socket
import sys

import samples
import sspi


def wait_for_client():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"listening on port {listener.getsockname()[1]}", flush=True)
        return samples.Connection(listener.accept()[0])


def authenticate(client, server):
    while not server.complete:
        token = server.step(client.receive())
        if token:
            client.send(token)


def main(package="NTLM"):
    with (
        sspi.Credential(package, use=sspi.INBOUND) as credential,
        sspi.Acceptor(credential) as server,
        wait_for_client() as client,
    ):
        try:
            authenticate(client, server)
        except sspi.SspiError as error:
            print(error, file=sys.stderr)
            return samples.REFUSED if error.status == sspi.SEC_E_LOGON_DENIED else samples.TROUBLE
        print(f"authenticated: {server.names()}\npackage: {server.package()}", flush=True)
        client.say(server, "Welcome. This line is sealed.")
        client.hear(server)
    return samples.GOOD


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
