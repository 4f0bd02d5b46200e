"""What the binding promises, both ends in one process. The accounts are those of NTLM_USER_FILE.

    python3 -m unittest test_sspi
"""

import gc
import threading
import unittest

import sspi

ALICE = {"user": "alice", "domain": "EXAMPLE", "password": "Password123!"}


def pair(package="NTLM", **who):
    client = sspi.Initiator(sspi.Credential(package, **(who or ALICE)), "host/server.example")
    return client, sspi.Acceptor(sspi.Credential(package, use=sspi.INBOUND))


def log_on(client, server):
    token = client.step()
    while not (client.complete and server.complete):
        token = server.step(token)
        if not client.complete:
            token = client.step(token)


class Binding(unittest.TestCase):
    def refused(self, status, call, *arguments):
        with self.assertRaises(sspi.SspiError) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.name, status)

    def logs_on_and_seals(self, package):
        client, server = pair(package)
        with client, server:
            log_on(client, server)
            self.assertEqual(server.names(), "EXAMPLE\\alice")
            self.assertEqual(server.package(), "NTLM")
            for sender, receiver in ((client, server), (server, client)):
                for text in (b"hello \0 and on", b"", b"x" * 10_000):
                    sealed = sender.wrap(text)
                    self.assertFalse(text and text in sealed)
                    self.assertEqual(receiver.unwrap(sealed), text)
                receiver.verify(b"signed", sender.sign(b"signed"))
            self.refused("SEC_E_MESSAGE_ALTERED", server.verify, b"sealed", client.sign(b"signed"))

    def test_each_package_logs_on_and_seals(self):
        for package in ("NTLM", "Negotiate"):
            self.logs_on_and_seals(package)

    def test_what_is_wrong_is_refused(self):
        for package in ("NTLM", "Negotiate"):
            for wrong in ({"password": "wrong"}, {"user": "nobody"}):
                client, server = pair(package, **{**ALICE, **wrong})
                self.refused("SEC_E_LOGON_DENIED", log_on, client, server)
                self.assertFalse(server.complete)
        self.refused("SEC_E_SECPKG_NOT_FOUND", sspi.Credential, "Nonsense")

    def test_an_altered_message_is_refused(self):
        client, server = pair()
        log_on(client, server)
        sealed = bytearray(client.wrap(b"hello"))
        sealed[-1] ^= 1
        self.refused("SEC_E_MESSAGE_ALTERED", server.unwrap, sealed)

    def test_a_closed_context_refuses(self):
        client, server = pair()
        log_on(client, server)
        client.close()
        client.close()
        self.refused("SEC_E_INVALID_HANDLE", client.wrap, b"hello")

    def test_any_name_logs_on(self):
        client, server = pair(user="müller", domain="EXAMPLE", password="pässwörd ß€")
        log_on(client, server)
        self.assertEqual(server.names(), "EXAMPLE\\müller")

    def test_threads_may_work_while_the_collector_does(self):
        failures = []

        def work():
            try:
                for _ in range(10):
                    self.logs_on_and_seals("Negotiate")
                    pair()
                    gc.collect()
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    unittest.main()
