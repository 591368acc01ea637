small          = true
context        = "bookstore"
keycloak_image = "bookstore-keycloak:26.7.3"
