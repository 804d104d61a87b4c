"""The portal: a citizen turns a certificate into a MyKey ID here."""
