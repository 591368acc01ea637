"""The real servers that a distributed store needs: fetched, checked, run on loopback."""
