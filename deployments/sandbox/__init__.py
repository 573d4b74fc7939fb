"""Stand-ins for outside services that ship with the product and run on loopback only."""
