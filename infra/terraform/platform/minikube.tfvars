replicas  = 1
addresses = ["192.168.49.240-192.168.49.250"]
context   = "bookstore"
