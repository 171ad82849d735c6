"""What stands between the network and the pages: who may ask, from where, how much, and how long."""
