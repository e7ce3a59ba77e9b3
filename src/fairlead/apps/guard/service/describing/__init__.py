"""What the service tells of itself: an OpenAPI document, a page, and Markdown for docs/reference."""
