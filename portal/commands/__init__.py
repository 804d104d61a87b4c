"""The commands of `mykey`, one file a group; portal/cli.py gathers them."""
