from reader_bridge.cli import main

main()
