"""What several targets say alike: names, images, what a service is told, texts dumped from data."""
