"""Instances as containers of a Docker engine on this machine.

Imported only where a stack has a container: the client is large.
"""
