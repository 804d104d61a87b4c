"""The demo's authority as tests want it: it issues signing certificates and lists of revoked certificates too."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from demo import authority
from demo.authority import hash_for, key_usage, name_of

DIGITAL_SIGNATURE = "JPKI for digital signature"
DIGITAL_SIGNATURE_POLICY = "1.2.392.200149.8.5.1.1.20"
PERSONAL_DATA = x509.ObjectIdentifier("1.2.392.200149.8.5.5.1")  # the holder's name, in a signing certificate


class Authority(authority.Authority):
    def issue_signing(self, *, public_key, not_before=None, not_after=None):
        """Issue a signing certificate (署名用): a locality in its subject, personal data in its alternative name."""
        common_name = "20261123000000000000007202002B"
        subject = name_of(("C", "JP"), ("L", "Demo-ken Demo-shi"), ("CN", common_name))
        name = b"\x0c\x0c" + "見本花子".encode()  # UTF8String
        return self.issue(
            public_key=public_key,
            not_before=not_before,
            not_after=not_after,
            policy=DIGITAL_SIGNATURE_POLICY,
            subject=subject,
            replacing=[
                (key_usage("digital_signature", "content_commitment"), True),
                (x509.SubjectAlternativeName([x509.OtherName(PERSONAL_DATA, name)]), False),
            ],
        )

    def crl(self, *revoked, this_update, next_update, number=1, extensions=(), key=None):
        """Sign the list of revoked serial numbers, in DER; a key given signs in the authority's name."""
        entries = [x509.RevokedCertificateBuilder(serial, this_update).build() for serial in revoked]
        if number is not None:
            extensions = [*extensions, (x509.CRLNumber(number), False)]
        key = key or self.key
        builder = x509.CertificateRevocationListBuilder(
            self.certificate.subject, this_update, next_update, [], list(entries)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(key, hash_for(key)).public_bytes(Encoding.DER)
