"""The first steps of an RDP connection, as far as the first tokens of CredSSP."""

import socket
import ssl
import struct

# X.224 Connection Request that asks for TLS or CredSSP.
CONNECTION_REQUEST = bytes.fromhex("030000130ee000000000000100080003000000")
HYBRID = 2


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def ts_request(token):
    tokens = der(0xA1, der(0x30, der(0x30, der(0xA0, der(0x04, token)))))
    return der(0x30, der(0xA0, der(0x02, b"\x06")), tokens)


def exactly(stream, count):
    data = b""
    while len(data) < count:
        part = stream.recv(count - len(data))
        if not part:
            raise ConnectionError("the server hung up")
        data += part
    return data


def connect(port):
    """A TLS connection on which CredSSP may begin."""
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    stream.sendall(CONNECTION_REQUEST)
    header = exactly(stream, 4)
    answer = exactly(stream, struct.unpack(">H", header[2:])[0] - 4)
    assert answer[7] == 2 and struct.unpack("<I", answer[11:15])[0] == HYBRID, answer.hex()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(stream)


def exchange(port, *tokens):
    """Sends each token for the answer to the one before; the last answer, b"" when the server hangs up."""
    answer = b""
    with connect(port) as stream:
        for token in tokens:
            stream.sendall(ts_request(token(answer) if callable(token) else token))
            try:
                answer = stream.recv(65536)
            except (ConnectionError, ssl.SSLError):
                return b""
            if not answer:
                break
    return answer
