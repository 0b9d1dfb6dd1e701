"""The matchmaker's desk: web pages in Dutch, made on the server by the same application that answers the API."""
