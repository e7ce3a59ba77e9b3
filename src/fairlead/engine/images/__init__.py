"""Images: fetched or built before a version is released, and pinned, so that it runs the same one for ever."""
