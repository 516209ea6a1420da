"""A device with passkeys, made of Yubico's fido2: makes one or shows one, as it is told on its standard input.

It keeps nothing: what it has to remember goes out as `device` and comes in again.
"""

import json
import os
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    RegistrationResponse,
)

FLAG = AuthenticatorData.FLAG


def create(asked, origin):
    options = PublicKeyCredentialCreationOptions.from_dict(asked)
    key = ec.generate_private_key(ec.SECP256R1())
    raw_id = os.urandom(32)
    client_data = CollectedClientData.create("webauthn.create", options.challenge, origin)
    data = AuthenticatorData.create(
        sha256(options.rp.id.encode()),
        FLAG.UP | FLAG.UV | FLAG.AT | FLAG.BE | FLAG.BS,
        0,
        AttestedCredentialData.create(bytes(16), raw_id, ES256.from_cryptography_key(key.public_key())),
    )
    response = AuthenticatorAttestationResponse(
        client_data=client_data, attestation_object=AttestationObject.create("none", data, {})
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    device = {"key": pem.decode(), "id": websafe_encode(raw_id), "user": websafe_encode(options.user.id)}
    return RegistrationResponse(raw_id=raw_id, response=response), device


def get(asked, origin, device):
    options = PublicKeyCredentialRequestOptions.from_dict(asked)
    raw_id = websafe_decode(device["id"])
    allowed = [one.id for one in options.allow_credentials or []]
    assert not allowed or raw_id in allowed, "none of this device is asked for"
    key = serialization.load_pem_private_key(device["key"].encode(), None)
    client_data = CollectedClientData.create("webauthn.get", options.challenge, origin)
    data = AuthenticatorData.create(sha256(options.rp_id.encode()), FLAG.UP | FLAG.UV | FLAG.BE | FLAG.BS, 0)
    signature = key.sign(data + client_data.hash, ec.ECDSA(hashes.SHA256()))
    response = AuthenticatorAssertionResponse(
        client_data=client_data,
        authenticator_data=data,
        signature=signature,
        user_handle=websafe_decode(device["user"]),
    )
    return AuthenticationResponse(raw_id=raw_id, response=response), device


told = json.load(sys.stdin)
if "device" in told:
    credential, device = get(told["options"], told["origin"], told["device"])
else:
    credential, device = create(told["options"], told["origin"])
print(json.dumps({"credential": dict(credential), "device": device}))
