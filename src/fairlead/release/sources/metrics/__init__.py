"""What is made of Prometheus metrics, wherever they are read: cumulative numbers in, what the judge is told out."""
