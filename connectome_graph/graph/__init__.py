"""What a graph is: the class, its edges on the domain, weights, annotation, equality (internal)."""
