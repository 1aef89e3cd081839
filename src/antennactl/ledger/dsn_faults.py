"""What libpq says of a connection string that it cannot read in, which part of it is wrong out.

libpq quotes the piece, which may be one of a password that was not percent-encoded: only names of its own are repeated.
"""

import re
from difflib import get_close_matches
from typing import Final

# Parameters that people write; another one that is not known is called unknown without a guess.
_PARAMETERS: Final = (
    "application_name",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "passfile",
    "password",
    "port",
    "service",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslpassword",
    "sslrootcert",
    "target_session_attrs",
    "user",
)
# libpq's words (fe-connect.c) and ours; the first that fits. \1 is a parameter's name.
_FAULTS: Final = (
    (r'invalid port number|for connection option "port"', "the port is not a number from 1 to 65535"),
    (r'invalid integer value ".*" for connection option "(\w+)"', r"\1 is not a whole number"),
    (r'invalid "?(\w+)"? value', r"the value of \1 is none that it takes"),
    (r'missing "=" after', 'it is neither a URI that begins with postgresql:// nor pairs such as "host=db1"'),
    (r"key/value separator", 'what follows "?" is not made of pairs such as "sslmode=require"'),
    (
        r"invalid percent-encoded token",
        'a "%" is not followed by two hexadecimal digits; itself it is written %25',
    ),
    (r"forbidden value", "%00 stands for no character"),
    (r"unexpected spaces", "a space in it is written %20"),
    (r"Must set database option 'uri'", "it is empty"),
    (r"unterminated quoted", "a quote is not closed"),
    (r"looking for matching|IPv6", 'the "]" of an IPv6 address is missing, or the address is'),
    (r"unexpected (?:character|spurious)", "a character follows the host that should be : or /"),
    (r"could not match", "there are not as many ports or addresses as hosts"),
    (r"definition of service", "the service that it names is not in the service file"),
    (r"service file .* not found", "the service file is not there"),
    (r"syntax error in service file .*, line (\d+)", r"line \1 of the service file cannot be read"),
    (r"root certificate", "the file of sslrootcert cannot be used"),
    (r"service", "the service that it names cannot be used"),
)
_UNKNOWN: Final = re.compile(r'invalid (?:connection option|URI query parameter):? "([^"]*)"')


def find_fault(text: str) -> str | None:
    """Return what is wrong with the connection string or its environment; None when libpq's words are about neither."""
    if unknown := _UNKNOWN.search(text):
        near = get_close_matches(unknown[1], _PARAMETERS, n=1)
        return "it has a parameter that is not known" + (f" (did you mean {near[0]}?)" if near else "")
    for words, fault in _FAULTS:
        if found := re.search(words, text):
            return found.expand(fault)
    return None
