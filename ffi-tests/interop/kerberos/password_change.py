"""ChangeAccountPassword, called from Python."""

import ctypes

import sspi
from sides import environment

CHANGE_PASS_RESPONSE = 21


def change(settings, account, old, new, domain=None, package="Kerberos"):
    """The status, unsigned."""
    texts = [sspi._wide(text) for text in (package, domain, account, old, new)]
    output = sspi._Message([(CHANGE_PASS_RESPONSE, None)])
    with environment(settings):
        status = sspi.load().ChangeAccountPasswordW(
            *texts, ctypes.c_ubyte(0), ctypes.c_uint32(0), ctypes.byref(output.descriptor)
        )
    return status & 0xFFFFFFFF
