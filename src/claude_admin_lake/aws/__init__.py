"""AWS clients and what a run gets from them."""
