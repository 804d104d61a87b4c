"""Installers of the bridge as their names say, and with nothing in them."""

BYTES = {"exe": b"MZ\x90\x00", "dmg": b"koly", "deb": b"!<arch>\ndebian-binary   ", "xz": b"\xfd7zXZ\x00\x00\x04"}
NAMES = (
    "mykey-bridge-{}-windows-x64-setup.exe",
    "mykey-bridge-{}-windows-arm64-setup.exe",
    "mykey-bridge-{}-macos-arm64.dmg",
    "mykey-bridge-{}-macos-x86_64.dmg",
    "mykey-bridge_{}_amd64.deb",
    "mykey-reader-bridge_{}_all.deb",
    "mykey-bridge-{}-linux-x86_64.tar.xz",
)


def installer(folder, name="mykey-bridge_{}_amd64.deb", version="1.2.0", filling=b""):
    """Write one; return its path. A .dmg says what it is 512 bytes before its end."""
    file = folder / name.format(version)
    magic = BYTES[file.suffix[1:]]
    file.write_bytes(filling + magic.ljust(512, b"\0") if file.suffix == ".dmg" else magic + filling)
    return file
