"""What a call is: its rows, the reading of one, and the document made of them."""
