# Keys, signatures and certificates made with the openssl command: nothing that the server itself wrote.
import json
import subprocess
import time

from token_abuse import part

RSA, EC = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"), ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


def openssl(*arguments, given=None):
    """Standard output of an openssl command that must succeed."""
    ended = subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, (arguments, ended.stderr)
    return ended.stdout


def key_pair(folder, name, kind):
    """Files with a private key and its public one."""
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    openssl("genpkey", *kind, "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def number(der):
    """The first integer of a DER text as 32 bytes, and what follows it."""
    size = der[1]
    return int.from_bytes(der[2:2 + size], "big").to_bytes(32, "big"), der[2 + size:]


def signed(private, alg, **claims):
    """A token as an identity provider makes it."""
    all_claims = {"exp": time.time() + 3600} | claims
    text = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(all_claims)}"
    signature = openssl("dgst", "-sha256", "-sign", private, given=text.encode())
    if alg == "ES256":
        r, rest = number(signature[2:])
        signature = r + number(rest)[0]
    return f"{text}.{part(signature)}"


def certificate(folder, name, days=2):
    """A certificate for this machine that signs itself, and its key."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days,
            "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert)
    return cert, key
