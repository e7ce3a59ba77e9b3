"""The judge of canaries beside judges that follow the published rules of its peers: `python -m bench.judge`."""
