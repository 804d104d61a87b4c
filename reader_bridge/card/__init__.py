"""The card: commands, files, the JPKI application, the certificate as text."""
